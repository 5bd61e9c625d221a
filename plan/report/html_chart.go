package report

import (
	"cmp"
	"slices"

	"rollcall/plan"
	"rollcall/schema"
	"rollcall/state"
)

// chartDepth is how deep the charts are indented: below it people stand
// under their manager's manager.
const chartDepth = 40

// pageNode is a person in a chart.
type pageNode struct {
	Name  string
	Sign  pageSign // 0 for who only stands there for others
	Note  string
	Under []*pageNode
}

// chart is who reports to whom.
type chart struct {
	people    map[string]*reporter // by folded live name
	alias     map[string]string    // folded new name -> folded live name
	concerned []string
}

// reporter is a person and the keys of the managers.
type reporter struct {
	name, renamed string // as they are
	old, new      string // keys, "" for nobody or nobody knows
	moved, known  bool   // known: the managers are, else they are only not told
	comes, goes   string // what happens to the person: new; suspended, deleted
	deleted       bool
}

// chart fills in who reports to whom, before and after, of people whose
// manager changes, who come and who go, and of the managers above them.
func (m *pages) chart(out *pageOrg, o *plan.Org) {
	c := &chart{people: map[string]*reporter{}, alias: map[string]string{}}
	c.read(o)
	shown := c.shown()
	if len(shown) == 0 {
		return
	}
	old := func(r *reporter) string { return r.old }
	wanted := func(r *reporter) string { return r.new }
	out.Before = c.tree(shown, old, func(r *reporter) bool { return r.comes == "" }, c.before)
	out.After = c.tree(shown, wanted, func(r *reporter) bool { return !r.deleted }, c.after)
	out.ChartTags = tagSet{}.of(managing(o))
	out.Partial = len(o.Lines) == 0
}

// managing are the changes that a chart is of.
func managing(o *plan.Org) (all []*plan.Change) {
	for i := range o.Changes {
		c := &o.Changes[i]
		if slices.ContainsFunc(c.Fields, func(d plan.Delta) bool { return d.Field == schema.Manager }) {
			all = append(all, c)
		}
	}
	return all
}

// read learns from the plan: names first, then lines.
func (c *chart) read(o *plan.Org) {
	for i := range o.Changes {
		if ch := &o.Changes[i]; ch.Object.Kind == schema.User && renamed(ch) != "" && ch.Action == plan.Update {
			key := state.Fold(ch.Object.Name)
			c.alias[state.Fold(renamed(ch))] = key
			c.person(ch.Object.Name).renamed = renamed(ch)
		}
	}
	for _, l := range o.Lines {
		who := c.person(l.User)
		who.old, who.new, who.known = c.key(l.Old), c.key(l.New), true
		c.mention(l.Old, l.New)
	}
	for i := range o.Changes {
		if ch := &o.Changes[i]; ch.Object.Kind == schema.User && ch.Action != plan.Add && ch.Action != plan.Remove {
			c.change(ch)
		}
	}
}

// key is by what a person is found: the live name.
func (c *chart) key(name string) string {
	key := state.Fold(name)
	return cmp.Or(c.alias[key], key)
}

// person is the one of a name, made if need be.
func (c *chart) person(name string) *reporter {
	key := c.key(name)
	if c.people[key] == nil {
		c.people[key] = &reporter{name: name}
	}
	return c.people[key]
}

func (c *chart) mention(names ...string) {
	for _, name := range names {
		if name != "" {
			c.person(name)
		}
	}
}

// change learns from one change of a person.
func (c *chart) change(ch *plan.Change) {
	key := c.key(ch.Object.Name)
	for _, d := range ch.Fields {
		if d.Field != schema.Manager {
			continue
		}
		who := c.person(ch.Object.Name)
		who.old, who.new, who.moved, who.known = c.key(d.Old), c.key(d.Text), true, true
		c.mention(d.Old, d.Text)
		c.concerned = append(c.concerned, key)
	}
	switch ch.Action {
	case plan.Create:
		if c.people[key] != nil {
			c.people[key].comes = "new"
		}
	case plan.Suspend, plan.Delete:
		who := c.person(ch.Object.Name)
		who.goes, who.deleted = map[plan.Action]string{plan.Suspend: "suspended", plan.Delete: "deleted"}[ch.Action], ch.Action == plan.Delete
		c.concerned = append(c.concerned, key)
	}
}

// shown are the people concerned who have something to do with a manager,
// and all above them.
func (c *chart) shown() map[string]bool {
	bosses := map[string]bool{}
	for _, who := range c.people {
		bosses[who.old], bosses[who.new] = true, true
	}
	shown := map[string]bool{}
	for _, key := range c.concerned {
		if who := c.people[key]; who.moved || who.old != "" || bosses[key] {
			c.show(key, shown)
		}
	}
	return shown
}

// show shows a person and all above, before and after.
func (c *chart) show(key string, shown map[string]bool) {
	for todo := []string{key}; len(todo) > 0; {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if who := c.people[next]; who != nil && !shown[next] {
			shown[next] = true
			todo = append(todo, who.old, who.new)
		}
	}
}

// tree is the chart of those who are there, by one of their managers.
// People who manage each other in a circle begin at one of them.
func (c *chart) tree(shown map[string]bool, manager func(*reporter) string, there func(*reporter) bool, label func(*reporter, *pageNode)) []*pageNode {
	var keys []string
	for key := range shown {
		if there(c.people[key]) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, compareNames)
	under, top := map[string][]string{}, []string{}
	for _, key := range keys {
		if boss := manager(c.people[key]); shown[boss] && there(c.people[boss]) {
			under[boss] = append(under[boss], key)
		} else {
			top = append(top, key)
		}
	}
	g := grower{chart: c, under: under, label: label, placed: map[string]bool{}}
	root := &pageNode{}
	for _, key := range append(top, keys...) {
		g.grow(root, key, 0)
	}
	return root.Under
}

// grower places people under their managers, each once.
type grower struct {
	*chart
	under  map[string][]string
	label  func(*reporter, *pageNode)
	placed map[string]bool
}

// grow places a person and all below under a node, beside it if that is
// too deep.
func (g *grower) grow(parent *pageNode, key string, depth int) {
	if g.placed[key] {
		return
	}
	g.placed[key] = true
	node := &pageNode{}
	g.label(g.people[key], node)
	parent.Under = append(parent.Under, node)
	next := node
	if depth >= chartDepth {
		next = parent
	}
	for _, below := range g.under[key] {
		g.grow(next, below, depth+1)
	}
}

// before says where somebody goes.
func (c *chart) before(who *reporter, n *pageNode) {
	n.Name = Clean(who.name)
	switch {
	case who.goes != "":
		n.Sign, n.Note = remove, "will be "+who.goes
	case who.moved:
		n.Sign, n.Note = modify, "moves to "+c.called(who.new)
	}
}

// after says where somebody was.
func (c *chart) after(who *reporter, n *pageNode) {
	n.Name = Clean(cmp.Or(who.renamed, who.name))
	switch {
	case who.comes != "":
		n.Sign, n.Note = add, "new"
	case who.goes != "":
		n.Sign, n.Note = remove, who.goes
	case who.moved:
		n.Sign, n.Note = modify, "was under "+c.called(who.old)
	}
	if who.renamed != "" {
		n.Note = joined(n.Note, "was called "+Clean(who.name))
	}
}

// called is the live name of a manager.
func (c *chart) called(key string) string {
	if who := c.people[key]; who != nil {
		return Clean(who.name)
	}
	return "nobody"
}

// joined are two texts of which each may be empty.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}
