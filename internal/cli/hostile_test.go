package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile is a text that would drive a terminal, turn the direction of
// text, hide itself or forge a line.
const hostile = "x\x1b[2J\x1b]8;;http://evil.example\x07\u009b31m\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u2028\u2029\u3164\U000e0041\r\nrollcall: forged\ny\t\x7f\x00"

// inName is what a name can have of it: JumpCloud has no NUL, YAML neither.
var inName = strings.ReplaceAll(hostile, "\x00", "")

// quotedText is a text as JSON and YAML have it.
func quotedText(t *testing.T, text string) string {
	t.Helper()
	raw, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// harmless fails if printed text has a character that is not shown as it
// is, or a line that somebody else wrote.
func harmless(t *testing.T, what, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%s: no UTF-8: %q", what, text)
	}
	for _, r := range text {
		if r != '\n' && (!unicode.IsPrint(r) && r != '\u3000' || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)) {
			t.Errorf("%s: %U in %q", what, r, text)
			return
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "rollcall: forged") {
			t.Errorf("%s: a forged line in:\n%s", what, text)
		}
	}
}

// hostileState is an organization in which every text is hostile.
func hostileState(t *testing.T) string {
	h, long := quotedText(t, inName), quotedText(t, strings.Repeat(inName, 8))
	return `{"organizations":[{"id":"5f3c0a1b9d2e4c0001a7b9e1","name":` + h + `,
		"users":[{"username":"ann","email":"ann@kelp.example","state":"ACTIVATED","jobTitle":` + h + `,"firstname":` + long + `,
			"attributes":[{"name":"badge","value":` + h + `}]},
			{"username":"placeholder","email":"bob@kelp.example","state":"ACTIVATED","manager":""}],
		"groups":[{"name":` + h + `,"description":` + h + `},{"name":` + long + `}]}],
		"keys":[{"key":"jca_test","organizations":["*"]}]}`
}

// hostileNames serves it, with a username that the sandbox would not take.
func hostileNames(t *testing.T) string {
	s := startSandbox(t, hostileState(t))
	name := quotedText(t, inName)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		s.server.ServeHTTP(answer, r)
		maps.Copy(w.Header(), answer.Header())
		w.Header().Del("Content-Length")
		w.WriteHeader(answer.Code)
		if _, err := w.Write(bytes.ReplaceAll(answer.Body.Bytes(), []byte(`"placeholder"`), []byte(name))); err != nil {
			t.Log(err)
		}
	}))
	t.Cleanup(front.Close)
	return front.URL
}

// hostileFile is a document in which every text is.
func hostileFile(t *testing.T) string {
	h := quotedText(t, inName)
	return "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1}\npolicy: {unlisted_users: suspend, limits: {suspend_users: 0}}\nusers:\n" +
		"  ann: {jobTitle: " + h + "z, firstname: " + h + "z, attributes: {badge: " + h + "z}, groups: [" + h + "z, " + h + "]}\n" +
		"groups: {" + h + "z: {description: " + h + "z}, " + h + ": {description: null, exact: true, members: [ann]}}\n"
}

func TestHostileTexts(t *testing.T) {
	t.Parallel()
	url := hostileNames(t)
	file := writeText(t, "a\x1b[31m\u202e\nrollcall: forged.yaml", strings.ReplaceAll(hostileFile(t), `"z`, `z"`))
	wrong := writeText(t, "wrong\x1b\u202e\xff.yaml", "version: 1\norg: {name: "+quotedText(t, inName)+", nam\u202ee: x}\nusers: {"+quotedText(t, inName)+": {jobtitle\u2066: y\u200bz}}\n")
	env := map[string]string{"JUMPCLOUD_API_KEY": "jca_test", "JUMPCLOUD_API_URL": url}
	out := filepath.Join(t.TempDir(), "o\u202e\n")
	for _, args := range [][]string{
		{"validate", file}, {"validate", wrong}, {"validate", hostile}, {"plan", wrong},
		{"plan", file}, {"plan", file, "--show-personal"}, {"plan", file, "--format", "json", "--show-personal"}, {"plan", file, "--debug"},
		{"plan", file, "--org", inName}, {"plan", file, "--org", "x" + inName}, {"plan", file, "--target", "user:" + inName}, {"plan", file, "--target", inName},
		{"plan", file, "--allow", inName + "=1"}, {"plan", file, "--out", out}, {"plan", file, "--out", filepath.Join(out, "none")},
		{"plan", hostile}, {"plan", file, "--api-url", "https://x/" + hostile}, {"plan", file, "--api-url", "https://\u202ex.invalid/a"},
		{"orgs"}, {"orgs", "--format", "json"}, {"orgs", "--org", inName + "x"},
		{"export"}, {"export", "--memberships", "groups"}, {"export", "--dir", out + "dir"},
		{"explain", "user", "ann", file}, {"explain", "user", inName, file}, {"explain", "group", inName, file, "--show-personal"}, {"explain", "user", hostile + "no", file},
		{"explain", inName, "x"}, {hostile}, {"plan", "--" + hostile}, {"plan", file, "--sandbox", hostile}, {"apply", "--plan", out + "none"},
		{"apply", file, "--yes"}, {"apply", file, "--yes", "--allow", "suspend_users=9", "--allow", "shrink_group=9"},
		{"apply", "--plan", out, "--format", "json"}, {"plan", file}, {"apply", "--plan", file},
	} {
		got := runMain(env, args...)
		name := strings.Join(args, " ")
		harmless(t, "standard output of "+name, got.out)
		harmless(t, "standard error of "+name, got.errOut)
	}
}

// Whatever an error of a server says.
func TestHostileErrors(t *testing.T) {
	t.Parallel()
	file := writeText(t, "rollcall.yaml", oneDocument)
	for name, body := range map[string]string{
		"JSON": `{"message":` + quotedText(t, hostile) + `,"error":` + quotedText(t, hostile) + `}`,
		"text": hostile + "\xff\xfe", "HTML": "<html><title>" + hostile + "</title>", "very long": strings.Repeat(hostile, 1000),
		"no UTF-8": "{\"message\":\"\xff\xc0\x9b\"}", "orgs": `{"totalCount":1,"results":[{"id":` + quotedText(t, hostile) + `,"displayName":` + quotedText(t, hostile+"\xff") + `}]}`,
	} {
		for _, status := range []int{200, 302, 400, 403} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "/a\u202e?\u2066\xff")
				w.Header().Set("X-Hostile", "\u202e\u009b\xff")
				w.WriteHeader(status)
				if _, err := w.Write([]byte(body)); err != nil {
					t.Log(err)
				}
			}))
			env := map[string]string{"JUMPCLOUD_API_KEY": "jca_test", "JUMPCLOUD_API_URL": server.URL}
			commands := [][]string{{"orgs"}, {"orgs", "--format", "json"}, {"plan", file, "--debug"}, {"apply", file, "--yes"}, {"explain", "user", "ann", file}}
			if name != "orgs" { // of which an export would read the list again and again
				commands = append(commands, []string{"plan", file}, []string{"plan", file, "--format", "json"}, []string{"export"})
			}
			for _, args := range commands {
				got := runMain(env, args...)
				harmless(t, name+" in standard output of "+strings.Join(args, " "), got.out)
				harmless(t, name+" in standard error of "+strings.Join(args, " "), got.errOut)
			}
			server.Close()
		}
	}
}

// A sandbox file is somebody's, too.
func TestHostileSandboxFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{hostileState(t), `{"` + hostile + `":1}`, `{"organizations":[{"id":` + quotedText(t, hostile) + `}]}`, hostile} {
		file := writeText(t, "live\u202e.json", text)
		for _, args := range [][]string{{"orgs", "--sandbox", file}, {"export", "--sandbox", file}} {
			got := runMain(nil, args...)
			harmless(t, "standard output", got.out)
			harmless(t, "standard error", got.errOut)
		}
	}
}
