package report_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

func TestHTMLInABrowser(t *testing.T) {
	t.Parallel()
	b := openBrowser(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *browser)
	}{
		{"fits", testFits}, {"markup stays text", testMarkup}, {"filters", testFilters}, {"groups", testGroupFilter}, {"organizations", testOrganizations},
		{"keyboard", testKeyboard}, {"tabs", testTabs}, {"colours", testColours}, {"contrast", testContrast}, {"paper", testPaper}, {"no scripts", testNoScripts}, {"large", testLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			b.media(t, "", "light")
			b.do(t, chromedp.EmulateViewport(1440, 900))
			test.run(t, b)
		})
	}
}

// testFits holds that no page is wider than its window, however narrow.
func testFits(t *testing.T, b *browser) {
	for _, s := range htmlStories() {
		t.Run(s.name, func(t *testing.T) {
			b.open(t, s.name, s.plan)
			b.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelectorAll('details').forEach(d => { d.open = true })`))
			for _, width := range []int64{390, 1440} {
				b.do(t, chromedp.EmulateViewport(width, 900))
				if got := ask[int64](t, b, `document.documentElement.scrollWidth`); got > width {
					t.Errorf("%d pixels wide in a window of %d", got, width)
				}
			}
		})
	}
}

func testMarkup(t *testing.T, b *browser) {
	b.open(t, "markup", since(markup()))
	if ask[bool](t, b, `'pwned' in window`) {
		t.Error("a name ran as a script")
	}
	if got := ask[string](t, b, `[...document.querySelectorAll('img, iframe, object, embed, link, base, a:not([href^="#"]), svg *:not(rect), script, style, title, form, [onerror]')].map(e => e.localName + e.id).join()`); got != "title,style,formfilter,script" {
		t.Errorf("the page has %s", got)
	}
	texts := ask[string](t, b, `document.documentElement.textContent`)
	for n := range markups {
		want := fmt.Sprintf("%02d%s", n+1, script)
		as := []string{want, strings.ReplaceAll(want, `"`, `\"`), strings.ReplaceAll(want, `'`, `'\''`)} // as it is, in JSON, for a shell
		if !slices.ContainsFunc(as, func(text string) bool { return strings.Contains(texts, text) }) {
			t.Errorf("no text %s", want)
		}
	}
	if got := ask[string](t, b, `document.title`); !strings.Contains(got, script) {
		t.Errorf("the title is %q", got)
	}
	b.do(t, chromedp.SendKeys(chromedp.CSS("#q"), `<img src=x onerror="pwned=1">`))
	if got := shown(t, b); len(got) != 2 || ask[bool](t, b, `'pwned' in window`) {
		t.Errorf("searching for markup shows %q", got)
	}
}

// shown are the people and groups that a page shows.
func shown(t *testing.T, b *browser) []string {
	t.Helper()
	return visible(t, b, ".b:not(.g) h4 bdi")
}

// visible are the texts of elements that take part in the page.
func visible(t *testing.T, b *browser, selector string) []string {
	t.Helper()
	return ask[[]string](t, b, fmt.Sprintf(`[...document.querySelectorAll(%q)].filter(e => e.getClientRects().length).map(e => e.textContent)`, selector))
}

func choose(id, value string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`(() => { const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event('input', {bubbles: true})) })()`, id, value))
}

func testFilters(t *testing.T, b *browser) {
	b.open(t, "conflict", since(conflict()))
	all := []string{"ole.berg", "anna.klein", "jon.adeyemi", "Data", "jon.adeyemi"}
	for _, test := range []struct {
		steps []chromedp.Action[chromedp.Void]
		want  []string
		said  string
	}{
		{nil, all, "5 entries"},
		{[]chromedp.Action[chromedp.Void]{choose("kind", "g")}, []string{"Data"}, "1 of 5 entries"},
		{[]chromedp.Action[chromedp.Void]{choose("kind", "u"), choose("action", "s")}, []string{"ole.berg"}, "1 of 5 entries"},
		{[]chromedp.Action[chromedp.Void]{choose("kind", "m"), choose("action", "s")}, []string{}, "0 of 5 entries"},
		{[]chromedp.Action[chromedp.Void]{choose("origin", "i")}, []string{"jon.adeyemi"}, "1 of 5 entries"},
		{[]chromedp.Action[chromedp.Void]{choose("origin", "x"), choose("kind", "m")}, []string{}, "0 of 5 entries"},
		{[]chromedp.Action[chromedp.Void]{chromedp.SendKeys(chromedp.CSS("#q"), "EVIL  takeover")}, []string{"anna.klein"}, "1 of 5 entries"},
	} {
		b.do(t, append(test.steps, waitFrame)...)
		if diff := cmp.Diff(test.want, shown(t, b)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.said, diff)
		}
		if got := ask[string](t, b, `document.getElementById('shown').textContent`); got != test.said {
			t.Errorf("it says %q, want %q", got, test.said)
		}
		b.do(t, chromedp.Click(chromedp.CSS("button[type=reset]")), waitFrame)
	}
	if diff := cmp.Diff(all, shown(t, b)); diff != "" {
		t.Errorf("after a click on Show all (-want +got):\n%s", diff)
	}
}

// waitFrame is until the page has done what it was told.
var waitFrame = chromedp.Evaluate[chromedp.Void](`new Promise(done => requestAnimationFrame(() => setTimeout(done)))`, chromedp.EvalAwaitPromise)

// testGroupFilter holds that of a group those are shown who are meant.
func testGroupFilter(t *testing.T, b *browser) {
	b.open(t, "many", run(many()))
	b.do(t, chromedp.SendKeys(chromedp.CSS("#q"), "engineer07"), waitFrame)
	if got := visible(t, b, ".g li bdi"); !slices.Equal(got, []string{"engineer07"}) {
		t.Errorf("members: %q", got)
	}
	b.do(t, chromedp.Click(chromedp.CSS("button[type=reset]")), waitFrame, choose("action", "l"))
	if got := visible(t, b, ".g li bdi"); len(got) != 5 || got[0] != "guest0" {
		t.Errorf("who leaves: %q", got)
	}
	b.do(t, chromedp.Click(chromedp.CSS("button[type=reset]")), chromedp.SendKeys(chromedp.CSS("#q"), "person29"), waitFrame)
	if got := visible(t, b, "details .l bdi"); len(got) != 30 {
		t.Errorf("a match in a folded list is not shown: %d names", len(got))
	}
}

func testOrganizations(t *testing.T, b *browser) {
	b.open(t, "several", run(joiner(), nothingToDo("Globex", "60b0000000000000000000b1"), refusedOrg(), broken()))
	if got := visible(t, b, ".org h2"); !slices.Equal(got, []string{"Hooli", "Initech", "Bright Kelp", "Globex"}) {
		t.Errorf("organizations: %q", got)
	}
	b.do(t, choose("org", "2"))
	if got := visible(t, b, ".org h2"); !slices.Equal(got, []string{"Initech"}) {
		t.Errorf("of one: %q", got)
	}
	b.do(t, choose("org", ""), chromedp.SendKeys(chromedp.CSS("#q"), "bright"))
	if got := visible(t, b, ".org h2"); !slices.Equal(got, []string{"Bright Kelp"}) {
		t.Errorf("by its name: %q", got)
	}
}

// testKeyboard filters without a mouse.
func testKeyboard(t *testing.T, b *browser) {
	b.open(t, "conflict", since(conflict()))
	b.do(t, chromedp.Focus(chromedp.CSS("#theme")), chromedp.KeyEvent(kb.Tab+"jon cfo"), waitFrame)
	if got := shown(t, b); !slices.Equal(got, []string{"jon.adeyemi"}) {
		t.Errorf("typed: %q", got)
	}
	b.do(t, chromedp.KeyEvent(kb.Escape+kb.Tab+kb.ArrowDown+kb.ArrowDown), waitFrame)
	if got := shown(t, b); !slices.Equal(got, []string{"Data"}) {
		t.Errorf("chosen with arrows: %q", got)
	}
	b.do(t, chromedp.KeyEvent(strings.Repeat(kb.Tab, 3)+" "), waitFrame)
	if got := shown(t, b); len(got) != 5 {
		t.Errorf("after Show all: %q", got)
	}
}

// testTabs holds that the tabulator reaches each control in its order, and
// that each shows where it is.
func testTabs(t *testing.T, b *browser) {
	b.open(t, "several", run(joiner(), many(), refusedOrg(), unchanged()))
	want := ask[[]string](t, b, `[...document.querySelectorAll('a[href], button, input, select, summary')].filter(e => e.getClientRects().length).map((e, i) => { e.dataset.at = i; return e.localName + i })`)
	var got []string
	for range want {
		b.do(t, chromedp.KeyEvent(kb.Tab))
		got = append(got, ask[string](t, b, `(() => { const e = document.activeElement; return e.localName + e.dataset.at + (getComputedStyle(e).outlineStyle === 'solid' ? '' : ' without an outline') })()`))
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 12 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	b.do(t, chromedp.Evaluate[chromedp.Void](`document.querySelector('.skip').focus()`), chromedp.KeyEvent(kb.Enter), waitFrame)
	if got := ask[string](t, b, `document.activeElement.localName`); got != "main" {
		t.Errorf("the skip link leads to %s", got)
	}
}

const isDark = `getComputedStyle(document.body).backgroundColor.match(/\d+/g).every(n => n < 64)`

func testColours(t *testing.T, b *browser) {
	b.open(t, "mover", run(mover()))
	for _, colours := range []string{"light", "dark"} {
		b.media(t, "", colours)
		if got := ask[bool](t, b, isDark); got != (colours == "dark") {
			t.Errorf("dark is %v where the system wants %s colours", got, colours)
		}
	}
	want := "Light colours"
	for _, dark := range []bool{false, true} {
		b.wait(t, fmt.Sprintf(`document.getElementById('theme').textContent === %q`, want))
		b.do(t, chromedp.Click(chromedp.CSS("#theme")))
		if got := ask[bool](t, b, isDark); got != dark {
			t.Errorf("dark is %v after %q", got, want)
		}
		want = "Dark colours"
	}
}

// contrasts are the texts of a page that are hard to read: their contrast
// with what is behind them is below that of WCAG AA.
const contrasts = `(() => {
	const lum = c => { const [r, g, b] = c.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b }
	const rgba = s => { const n = s.match(/[\d.]+/g).map(Number); return n.length < 4 ? [...n, 1] : n }
	const behind = e => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3]) return c } return [255, 255, 255, 1] }
	const low = []
	let seen = 0
	for (const e of document.querySelectorAll('body, body *')) {
		if (e.localName === 'script' || !e.getClientRects().length || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue
		const style = getComputedStyle(e), size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700
		const [a, b] = [lum(rgba(style.color).slice(0, 3)), lum(behind(e).slice(0, 3))].sort((x, y) => y - x)
		const ratio = (a + .05) / (b + .05)
		seen++
		if (ratio < (large ? 3 : 4.5)) low.push(e.localName + '.' + e.className + ' ' + ratio.toFixed(2) + ' ' + e.textContent.slice(0, 30))
	}
	return seen < 20 ? ['only ' + seen + ' texts'] : low
})()`

func testContrast(t *testing.T, b *browser) {
	for _, s := range []story{{"conflict", since(conflict())}, {"markup", since(markup())}, {"several", run(joiner(), leaver(), refusedOrg(), broken(), held())}} {
		t.Run(s.name, func(t *testing.T) {
			b.open(t, s.name, s.plan)
			for _, colours := range []string{"light", "dark"} {
				b.media(t, "", colours)
				if low := ask[[]string](t, b, contrasts); len(low) > 0 {
					t.Errorf("%s: %q", colours, low)
				}
			}
		})
	}
}

// testPaper holds that on paper everything is there, unfolded and
// unfiltered, and no control.
func testPaper(t *testing.T, b *browser) {
	b.open(t, "paper", run(many(), unchanged()))
	b.do(t, choose("action", "l"), choose("org", "1"))
	b.media(t, "print", "dark")
	if got := visible(t, b, "button, input, select, .skip"); len(got) > 0 {
		t.Errorf("controls on paper: %q", got)
	}
	if got := visible(t, b, "details .l bdi"); len(got) != 30+24 {
		t.Errorf("%d folded names on paper", len(got))
	}
	if got := visible(t, b, ".off"); len(got) == 0 {
		t.Error("paper is filtered")
	}
	if ask[bool](t, b, isDark) {
		t.Error("paper is dark")
	}
	b.media(t, "", "light")
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Errorf("print: %v, %d bytes", err, len(pdf))
	}
	if got := ask[int](t, b, `document.querySelectorAll('details[open]').length`); got != 0 {
		t.Errorf("%d details are left open", got)
	}
}

// testNoScripts holds that all is shown where no script runs.
func testNoScripts(t *testing.T, b *browser) {
	call(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	defer call(t, b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{})
	b.open(t, "noscript", since(conflict()))
	if got := visible(t, b, "form, button"); len(got) > 0 {
		t.Errorf("controls that do nothing: %q", got)
	}
	if got := shown(t, b); len(got) != 5 {
		t.Errorf("shown: %q", got)
	}
}

// testLarge holds that a large plan can be filtered.
func testLarge(t *testing.T, b *browser) {
	start := time.Now()
	b.open(t, "large", run(bulk()))
	b.do(t, choose("q", "person1234 senior"), waitFrame)
	if got := shown(t, b); !slices.Equal(got, []string{"person1234"}) {
		t.Errorf("shown: %d", len(got))
	}
	t.Logf("shown and filtered in %v", time.Since(start))
}
