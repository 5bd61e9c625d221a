package state

import (
	"strings"

	"rollcall/schema"
)

// Pairs says which objects of a file and of live are the same, and whom a
// name in the file means.
type Pairs struct {
	Live    []int32 // of desired objects, by index: the live one, -1 for none
	Desired []int32 // of live objects, by index: the desired one, -1 for none

	want   *Desired
	live   *Live
	people map[string][]int32 // folded e-mail or employeeIdentifier -> live users; nil until asked for
	lost   map[string]int     // the same that the file replaces -> live user
	former map[formerName]int // -> desired object, -1 for several; nil until asked for
}

type formerName struct {
	kind schema.Kind
	key  string
}

// Pair pairs the objects of a file with live ones: by key, else by a former
// name (`was`), which counts only while nobody live has the new one.
func Pair(want *Desired, live *Live) *Pairs {
	p := &Pairs{Live: nobody(len(want.Objects)), Desired: nobody(len(live.Objects)), want: want, live: live}
	p.byKey()
	for i := range want.Objects {
		for _, was := range want.Intents[i].Was {
			if l := live.Find(want.Objects[i].Kind, was); p.Live[i] < 0 && l >= 0 && p.Desired[l] < 0 {
				p.Live[i], p.Desired[l] = int32(l), int32(i)
			}
		}
	}
	return p
}

func nobody(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		s[i] = -1
	}
	return s
}

// byKey walks both lists, which are sorted alike.
func (p *Pairs) byKey() {
	w, l := p.want.Objects, p.live.Objects
	for i, j := 0, 0; i < len(w) && j < len(l); {
		c := int(w[i].Kind) - int(l[j].Kind)
		if c == 0 {
			c = strings.Compare(w[i].Key, l[j].Key)
		}
		switch {
		case c < 0:
			i++
		case c > 0:
			j++
		default:
			p.Live[i], p.Desired[j] = int32(j), int32(i)
			i, j = i+1, j+1
		}
	}
}

// Match is an object that a name means: a desired one, a live one, or both
// (-1 for not).
type Match struct {
	Desired, Live int
	Former        bool // the name is one that the file says the object no longer has
}

// Person finds whom a username, e-mail or employeeIdentifier means, among
// the people of the file and of live; a former username means whoever had it,
// as long as nobody else has it, and what the file replaces means nobody.
// Several people or none are not ok.
func (p *Pairs) Person(text string) (m Match, several, ok bool) {
	text = Fold(text)
	if i := p.want.Find(schema.User, text); i >= 0 {
		return Match{Desired: i, Live: int(p.Live[i])}, false, true
	}
	found := p.identified(text)
	if l := p.live.Find(schema.User, text); l >= 0 {
		m = p.ofLive(l)
		m.Former = m.Desired >= 0
		several = len(found) > 1 || len(found) == 1 && int(found[0]) != l
		return m, several, !several
	}
	switch len(found) {
	case 0:
		i, ok := p.wasOnce(schema.User, text)
		return p.ofDesired(i), false, ok
	case 1:
		return p.ofLive(int(found[0])), false, true
	}
	return Match{}, true, false
}

// Group finds the group that a name means; ok is false if there is none.
func (p *Pairs) Group(name string) (m Match, ok bool) {
	if i := p.want.Find(schema.Group, name); i >= 0 {
		return Match{Desired: i, Live: int(p.Live[i])}, true
	}
	if l := p.live.Find(schema.Group, name); l >= 0 {
		m = p.ofLive(l)
		m.Former = m.Desired >= 0
		return m, true
	}
	i, ok := p.wasOnce(schema.Group, name)
	return p.ofDesired(i), ok
}

func (p *Pairs) ofLive(l int) Match { return Match{Desired: int(p.Desired[l]), Live: l} }

// ofDesired is an entry that a former name means.
func (p *Pairs) ofDesired(i int) Match {
	if i < 0 {
		return Match{Desired: -1, Live: -1}
	}
	return Match{Desired: i, Live: int(p.Live[i]), Former: true}
}

// Dynamic tells whether a rule makes the members of a group, as the file
// will have it.
func (p *Pairs) Dynamic(m Match) bool {
	if m.Desired >= 0 {
		if method, ok := p.want.Objects[m.Desired].Get(schema.MembershipMethod, ""); ok {
			return strings.HasPrefix(method, "DYNAMIC")
		}
	}
	return m.Live >= 0 && p.live.Facts[m.Live].Dynamic
}

// identified are the live users with an e-mail or employeeIdentifier, each
// once. The index of them is made when it is first needed.
func (p *Pairs) identified(text string) []int32 {
	if p.people == nil {
		p.people, p.lost = map[string][]int32{}, map[string]int{}
		users, first := p.live.OfKind(schema.User)
		for j := range users {
			for _, f := range []schema.FieldID{schema.Email, schema.EmployeeIdentifier} {
				p.identify(first+j, f)
			}
		}
	}
	return p.people[text]
}

func (p *Pairs) identify(l int, f schema.FieldID) {
	text, _ := p.live.Objects[l].Get(f, "")
	folded := Fold(text)
	switch have := p.people[folded]; {
	case text == "":
	case p.replaces(int(p.Desired[l]), f, text):
		p.lost[folded] = l
	case len(have) == 0 || have[len(have)-1] != int32(l):
		p.people[folded] = append(have, int32(l))
	}
}

// replaces tells whether an entry of the file gives a person another text
// than the live one, by which nobody could find them after the plan.
func (p *Pairs) replaces(i int, f schema.FieldID, live string) bool {
	if i < 0 {
		return false
	}
	text, ok := p.want.Objects[i].Get(f, "")
	return ok && Fold(text) != Fold(live)
}

// Lost is the live user whose e-mail or employeeIdentifier a text is and
// whom it means no more, since the file gives them another; -1 if there is
// none.
func (p *Pairs) Lost(text string) int {
	text = Fold(text)
	p.identified(text)
	if l, ok := p.lost[text]; ok {
		return l
	}
	return -1
}

// wasOnce is the only entry with a former name, -1 if there is none.
func (p *Pairs) wasOnce(k schema.Kind, key string) (i int, ok bool) {
	if p.former == nil {
		p.former = map[formerName]int{}
		for i := range p.want.Objects {
			for _, was := range p.want.Intents[i].Was {
				p.was(formerName{p.want.Objects[i].Kind, was}, i)
			}
		}
	}
	i, ok = p.former[formerName{k, key}]
	if !ok || i < 0 {
		return -1, false
	}
	return i, true
}

func (p *Pairs) was(name formerName, i int) {
	if _, twice := p.former[name]; twice {
		i = -1
	}
	p.former[name] = i
}
