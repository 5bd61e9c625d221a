package report_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	source "github.com/yuin/goldmark/text"

	"rollcall/plan"
	"rollcall/plan/report"
	"rollcall/schema"
)

// parsed is a comment as GitHub's Markdown has it.
type parsed struct {
	source []byte
	root   ast.Node
}

func parse(comment string) parsed {

	return parsed{[]byte(comment), goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(source.NewReader([]byte(comment)))}
}

// each visits all nodes of one kind.
func each[T ast.Node](p parsed, visit func(T)) {
	_ = ast.Walk(p.root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(T); ok && entering {
			visit(t)
		}
		return ast.WalkContinue, nil
	})
}

// text is what is read of a node; with code, or without.
func (p parsed) text(n ast.Node, code bool) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if _, ok := n.(*ast.CodeSpan); ok && !code {
			return ast.WalkSkipChildren, nil
		}
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Segment.Value(p.source))
		}
		return ast.WalkContinue, nil
	})
	return strings.ReplaceAll(b.String(), "&#124;", "|")
}

// ours is the HTML that comments are made with. Summaries hold words,
// numbers and little punctuation.
var ours = regexp.MustCompile(`^(<!-- rollcall:[\w./%-]+ -->|<br>|<details><summary>[A-Za-z0-9 ,;:()-]+</summary>|</details>)\n?$`)

// harmful is what GitHub makes something of in text that is not code.
var harmful = regexp.MustCompile(`@|#\d|\bGH-\d|://|\bwww\.|[<>&*_~\[\]\\` + "`" + `]|\b[0-9a-f]{7,40}\b|:\w+:`)

// checkMarkup holds that a comment has no markup but ours, and that no text
// in it becomes something else.
func checkMarkup(t failer, comment string, o report.MarkdownOptions) {
	t.Helper()
	p := parse(comment)
	each(p, func(n *ast.Link) { t.Errorf("a link to %s", n.Destination) })
	each(p, func(n *ast.Image) { t.Errorf("an image of %s", n.Destination) })
	each(p, func(n *ast.AutoLink) {
		if url := string(n.URL(p.source)); url != o.Artifact {
			t.Errorf("a link to %s", url)
		}
	})
	each(p, func(n *ast.RawHTML) {
		if html := string(n.Segments.Value(p.source)); !ours.MatchString(html) {
			t.Errorf("HTML: %q", html)
		}
	})
	each(p, func(n *ast.HTMLBlock) {
		if html := string(n.Lines().Value(p.source)); !ours.MatchString(html) {
			t.Errorf("HTML: %q", html)
		}
	})
	for _, n := range lines(p) {
		if bad := harmful.FindString(strings.ReplaceAll(p.text(n, false), "->", " ")); bad != "" {
			t.Errorf("%q is not in code: %s", bad, p.text(n, true))
		}
	}
	checkBlocks(t, p)
}

// lines are the nodes that text stands in.
func lines(p parsed) (all []ast.Node) {
	each(p, func(n *ast.Paragraph) { all = append(all, n) })
	each(p, func(n *ast.TextBlock) { all = append(all, n) })
	each(p, func(n *ast.Heading) { all = append(all, n) })
	each(p, func(n *east.TableCell) { all = append(all, n) })
	return all
}

// checkBlocks holds that the structure is ours: tables of people in four
// columns and one of organizations in seven, one
// fence, lists of one level, level 3 headings, details that end.
func checkBlocks(t failer, p parsed) {
	t.Helper()
	each(p, func(n *ast.Blockquote) { t.Error("a quote") })
	each(p, func(n *ast.CodeBlock) { t.Error("indented code") })
	each(p, func(n *east.Strikethrough) { t.Error("something struck through") })
	each(p, func(n *east.TaskCheckBox) { t.Error("a check box") })
	each(p, func(n *ast.Heading) {
		if n.Level != 3 {
			t.Errorf("a heading of level %d: %s", n.Level, p.text(n, true))
		}
	})
	each(p, func(n *ast.List) {
		if n.Parent() != p.root || n.IsOrdered() {
			t.Errorf("a list inside of %s", n.Parent().Kind())
		}
	})
	fences := 0
	each(p, func(n *ast.FencedCodeBlock) { fences++ })
	if fences > 1 {
		t.Errorf("%d fences", fences)
	}
	columns := map[string]int{"organization": 7, "person": 4}
	each(p, func(n *east.Table) {
		want := columns[p.text(n.FirstChild().FirstChild(), true)]
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			if row.ChildCount() != want {
				t.Errorf("a row of %d cells, want %d", row.ChildCount(), want)
			}
		}
	})
	for _, row := range regexp.MustCompile(`(?m)^\| .*$`).FindAllString(outside(p), -1) {
		if n := strings.Count(row, "|"); n != 5 && n != 8 {
			t.Errorf("not the columns of any table: %s", row)
		}
	}
	if text := outside(p); strings.Count(text, "<details>") != strings.Count(text, "\n</details>\n") {
		t.Errorf("details do not end")
	}
}

// outside is the source of a comment without what is in fences.
func outside(p parsed) string {
	text := string(p.source)
	each(p, func(n *ast.FencedCodeBlock) { text = strings.Replace(text, string(n.Lines().Value(p.source)), "", 1) })
	return text
}

func TestMarkdownOfStoriesIsOnlyOurs(t *testing.T) {
	t.Parallel()
	for _, s := range markdownStories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			for _, most := range []int{0, 8000, 3000} {
				o := review
				o.Max = most
				checkMarkup(t, markdown(t, s.plan, o), o)
			}
		})
	}
}

func TestMarkdownOfHostileNamesIsOnlyOurs(t *testing.T) {
	t.Parallel()
	for _, p := range []*plan.Plan{run(hostileAll()), since(hostileAll()), run(hostileAll(), hostileAll())} {
		for _, most := range []int{1 << 30, 60000, 20000, 4000} {
			o := review
			o.Max = most
			checkMarkup(t, markdown(t, p, o), o)
		}
	}
}

// cells are the texts of the rows of all tables.
func cells(p parsed) (rows [][]string) {
	each(p, func(n *east.TableRow) {
		var row []string
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			row = append(row, p.text(c, true))
		}
		rows = append(rows, row)
	})
	return rows
}

// TestMarkdownShowsNamesAsTheyAre holds that what is read in a table is the
// cleaned name, of people, groups and values.
func TestMarkdownShowsNamesAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, name := range hostileTexts {
		clean := report.Clean(name)
		if utf8.RuneCountInString(clean) > 60 {
			continue // cut
		}
		who := user(name, "60r1")
		rows := cells(parse(markdown(t, run(organization(
			plan.Change{Action: plan.Update, Object: who, Fields: []plan.Delta{set(schema.JobTitle, "was "+name+" it", "is "+name+" it")}},
			plan.Change{Action: plan.Add, Object: group(name), To: who},
			plan.Change{Action: plan.Remove, Object: group("no " + name), To: who},
		)), report.MarkdownOptions{})))
		want := []string{clean, "", clean, report.Clean("no " + name)}
		if len(rows) != 1 {
			t.Errorf("%q: %d rows", name, len(rows))
			continue
		}
		if got := rows[0]; got[0] != want[0] || got[2] != want[2] || got[3] != want[3] {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
		if value := "was " + clean + " it -> is " + clean + " it"; !strings.Contains(strings.ReplaceAll(rows[0][1], `"`, ""), strings.ReplaceAll(value, `"`, "")) &&
			!strings.Contains(name, `"`) {
			t.Errorf("%q: %q has no %q", name, rows[0][1], value)
		}
	}
}

func TestMarkdownFenceHoldsTheText(t *testing.T) {
	t.Parallel()
	p := run(hostileAll())
	o := review
	o.Max = 1 << 30
	comment := parse(markdown(t, p, o))
	each(comment, func(n *ast.FencedCodeBlock) {
		got := string(n.Lines().Value(comment.source))
		if want := text(t, p, report.TextOptions{Width: 100, Applying: true}); got != want {
			t.Errorf("the fence holds something else:\n%s", got)
		}
		if lang := string(n.Language(comment.source)); lang != "diff" {
			t.Errorf("a fence of %q", lang)
		}
	})
}

// failer is a test of testing or of rapid.
type failer interface {
	Helper()
	Error(...any)
	Errorf(string, ...any)
}
