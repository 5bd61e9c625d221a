package state

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"rollcall/schema"
)

// mostProblems of one severity are kept: a file of nonsense has millions.
const mostProblems = 10_000

// place is a place in a file that a problem is about.
type place struct {
	src  *source
	node *yaml.Node
}

// String is file:line, as messages name a second place.
func (p place) String() string { return fmt.Sprintf("%s:%d", p.src.name, p.node.Line) }

// lineOf is a place that is no node.
func lineOf(src *source, line, column int) place {
	return place{src, &yaml.Node{Kind: yaml.MappingNode, Line: line, Column: column}}
}

func (l *loader) add(s Severity, p place, hint, format string, args ...any) {
	l.problem(s, p, Problem{Text: fmt.Sprintf(format, args...), Hint: hint})
}

func (l *loader) errorf(p place, format string, args ...any) { l.add(Error, p, "", format, args...) }

// doubt is a warning about what only JumpCloud can tell, with Strict an
// error, and nothing where JumpCloud will be asked.
func (l *loader) doubt(p place, hint, format string, args ...any) {
	if l.options.Online {
		return
	}
	severity := Warning
	if l.options.Strict {
		severity = Error
	}
	l.add(severity, p, hint, format, args...)
}

// secretf is an error at a node that may be a secret: neither the text nor
// the line shows it.
func (l *loader) secretf(p place, hint, format string, args ...any) {
	p.src.shades.add(p.node)
	l.add(Error, p, hint, format, args...)
}

// problem records a problem, completed with its place and its line.
func (l *loader) problem(s Severity, at place, p Problem) {
	if l.counts[s]++; l.counts[s] > mostProblems {
		return
	}
	p.Severity, p.File, p.Line, p.Column = s, at.src.name, at.node.Line, at.node.Column
	if at.src.sheet == nil { // a row of a table may say more of a person than a log should
		p.Source, p.Width = at.src.shown(at.node.Line), width(at.node)
	}
	if strings.HasSuffix(p.Source, hiddenText) { // the length of a secret is nobody's business either
		p.Width = max(1, min(p.Width, utf8.RuneCountInString(p.Source)-p.Column+1))
	}
	p.Text, p.Hint = short(withoutTokens(p.Text)), short(withoutTokens(p.Hint))
	l.problems = append(l.problems, p)
}

// short is a text without what is too long for a message: a part of its middle.
func short(text string) string {
	const most = 400
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most/2], "") + "..." + strings.ToValidUTF8(text[len(text)-most/2:], "")
}

// bare is a problem of a file as a whole.
func (l *loader) bare(name, hint, format string, args ...any) {
	l.rank(name)
	l.problems = append(l.problems, Problem{Severity: Error, File: name, Text: fmt.Sprintf(format, args...), Hint: hint})
}

// width is how many characters of its line a node takes, 1 where that
// cannot be told.
func width(n *yaml.Node) int {
	switch {
	case n.Kind != yaml.ScalarNode || strings.Contains(n.Value, "\n"):
		return 1
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return utf8.RuneCountInString(n.Value) + 2
	}
	return max(1, utf8.RuneCountInString(n.Value))
}

// nodes records what schema found.
func (l *loader) nodes(src *source, found []schema.NodeProblem) {
	for _, p := range found {
		text := p.Text
		if p.Secret || src.isSecret(p.Node) {
			src.shades.add(p.Node)
			text = without(text, p)
		}
		l.add(Severity(p.Severity), place{src, p.Node}, cmp.Or(p.Hint, dateHint(p.Node)), "%s", text)
	}
}

// without is a text without what its node says, unless that is nearly a
// word that belongs there.
func without(text string, p schema.NodeProblem) string {
	if p.Hint != "" {
		return text
	}
	for _, secret := range []string{p.Node.Value, p.Node.Anchor, p.Node.Tag} {
		text = withoutWord(withoutWord(text, strconv.Quote(secret)), secret)
	}
	return text
}

// withoutWord is a text in which a word is hidden, but not where it is a part
// of another one.
func withoutWord(text, word string) string {
	var b strings.Builder
	for word != "" {
		at := strings.Index(text, word)
		if at < 0 {
			break
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(word):])
		b.WriteString(text[:at])
		if unicode.IsLetter(before) || unicode.IsLetter(after) {
			b.WriteString(word)
		} else {
			b.WriteString(hiddenText)
		}
		text = text[at+len(word):]
	}
	return b.String() + text
}

var otherDate = regexp.MustCompile(`^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})$`)

// dateHint says how to write a text that is a date in another form.
func dateHint(n *yaml.Node) string {
	m := otherDate.FindStringSubmatch(n.Value)
	if m == nil {
		return ""
	}
	var days []string
	for _, d := range [][3]string{{m[1], m[2], m[3]}, {m[3], m[1], m[2]}, {m[3], m[2], m[1]}} {
		day := fmt.Sprintf("%s-%02s-%02s", d[0], d[1], d[2])
		if _, err := time.Parse(time.DateOnly, day); err == nil && !slices.Contains(days, day) {
			days = append(days, day)
		}
	}
	if len(days) == 0 {
		return "write year, month and day: 2026-12-31"
	}
	return "write " + strings.Join(days, " or ")
}

// rank is the place of a file in the order of problems.
func (l *loader) rank(name string) {
	if _, ok := l.ranks[name]; !ok {
		l.ranks[name] = len(l.ranks)
	}
}

// sorted is a list of problems in the order of files and lines, each once.
func (l *loader) sorted(list []Problem) Problems {
	compare := func(a, b Problem) int {
		return cmp.Or(cmp.Compare(l.ranks[a.File], l.ranks[b.File]), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Text, b.Text))
	}
	slices.SortStableFunc(list, compare)
	return slices.CompactFunc(list, func(a, b Problem) bool { return compare(a, b) == 0 })
}

// closed tells at the end of a list how much is not in it.
func (l *loader) closed(list Problems) Problems {
	for s := Error; ; s-- {
		if n := l.counts[s] - mostProblems; n > 0 {
			list = append(list, Problem{Severity: s, Text: fmt.Sprintf("%d more %ss like these are not shown", n, s), Stands: n})
		}
		if s == Note {
			return list
		}
	}
}

// guesser looks for what a name was meant to be, within bounds: each
// search reads all names, and bad input has many.
type guesser struct {
	found map[guess]string
	left  int // names that may still be read
}

type guess struct{ list, word string }

const (
	mostGuesses = 1_000_000
	longestWord = 200
)

func newGuesser() *guesser { return &guesser{found: map[guess]string{}, left: mostGuesses} }

// hint is a hint with the name nearest to a word, "" if none is near. List
// says which names they are; the same list has the same names.
func (g *guesser) hint(list, word string, names []string) string {
	if len(word) > longestWord {
		return ""
	}
	key := guess{list, word}
	near, ok := g.found[key]
	if !ok && g.left > 0 {
		g.left -= len(names)
		near = schema.Near(word, names)
		g.found[key] = near
	}
	return schema.DidYouMean(near)
}
