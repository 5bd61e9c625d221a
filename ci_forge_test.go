package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// forge is as much of GitHub and GitLab as the scripts of examples/ci use:
// comments of one pull request, issues, the merge of a commit, and tags of
// GitHub, which are kept in a bare repository.
type forge struct {
	*httptest.Server
	origin string

	mu       sync.Mutex
	comments []*post
	issues   []*post
	labels   []any          // of GitHub, which takes no others
	merged   map[string]int // pull requests by the commit that merged them
	writes   []string       // "POST issues" and the like, since the last look
	refused  int            // requests with another token
}

// post is a comment or an issue.
type post struct {
	id             int
	author, body   string
	label          string
	open           bool
	title          string
	notes, updates int
}

const (
	forgeToken = "forge-token-27c1" // of bot
	bot        = "github-actions[bot]"
	botID      = 42
)

func newForge(t *testing.T, origin string) *forge {
	t.Helper()
	f := &forge{origin: origin, merged: map[string]int{}}
	mux := http.NewServeMux()
	const github, gitlab = "/github/repos/acme/people", "/gitlab/projects/7"
	handle := func(pattern string, do func(r *http.Request, in map[string]any) any) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { f.serve(w, r, do) })
	}
	list := func(posts *[]*post) func(*http.Request, map[string]any) any {
		return func(r *http.Request, _ map[string]any) any { return page(r, *posts) }
	}
	handle("GET "+github+"/issues/{n}/comments", list(&f.comments))
	handle("GET "+gitlab+"/merge_requests/{n}/notes", list(&f.comments))
	handle("POST "+github+"/issues/{n}/comments", f.comment)
	handle("POST "+gitlab+"/merge_requests/{n}/notes", f.comment)
	handle("POST "+gitlab+"/issues/{n}/notes", f.comment)
	handle("PATCH "+github+"/issues/comments/{id}", f.change(&f.comments))
	handle("PUT "+gitlab+"/merge_requests/{n}/notes/{id}", f.change(&f.comments))
	handle("GET "+github+"/issues", list(&f.issues))
	handle("GET "+gitlab+"/issues", list(&f.issues))
	handle("GET "+github+"/labels", func(*http.Request, map[string]any) any { return append([]any{}, f.labels...) })
	handle("POST "+github+"/labels", func(_ *http.Request, in map[string]any) any {
		f.labels = append(f.labels, in)
		return in
	})
	handle("POST "+github+"/issues", f.issue)
	handle("POST "+gitlab+"/issues", f.issue)
	handle("PATCH "+github+"/issues/{id}", f.change(&f.issues))
	handle("PUT "+gitlab+"/issues/{id}", f.change(&f.issues))
	handle("GET "+github+"/commits/{sha}/pulls", f.merges)
	handle("GET "+gitlab+"/repository/commits/{sha}/merge_requests", f.merges)
	handle("GET /gitlab/user", func(*http.Request, map[string]any) any { return map[string]any{"id": botID} })
	handle("POST "+github+"/git/refs", func(_ *http.Request, in map[string]any) any {
		return f.tag(t, in["ref"].(string), in["sha"].(string), "0000000000000000000000000000000000000000")
	})
	handle("PATCH "+github+"/git/refs/{ref...}", func(r *http.Request, in map[string]any) any {
		return f.tag(t, "refs/"+r.PathValue("ref"), in["sha"].(string), "")
	})
	f.Server = httptest.NewServer(mux)
	t.Cleanup(f.Close)
	return f
}

// serve answers with JSON, or 404 where there is nothing.
func (f *forge) serve(w http.ResponseWriter, r *http.Request, do func(*http.Request, map[string]any) any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Header.Get("Authorization") != "Bearer "+forgeToken && r.Header.Get("PRIVATE-TOKEN") != forgeToken {
		f.refused++
		http.Error(w, `{"message":"Bad credentials"}`, http.StatusUnauthorized)
		return
	}
	in := map[string]any{}
	if r.Method != http.MethodGet {
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f.writes = append(f.writes, r.Method+" "+kindOf(r.URL.Path))
	}
	out := do(r, in)
	if out == nil {
		http.NotFound(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode(out) // the script sees what is missing
}

// kindOf is what a path is about, the same for both forges.
func kindOf(path string) string {
	switch {
	case strings.Contains(path, "/git/refs"):
		return "tag"
	case strings.HasSuffix(path, "/labels"):
		return "label"
	case strings.HasSuffix(path, "/comments"), strings.HasSuffix(path, "/notes"),
		strings.Contains(path, "/comments/"), strings.Contains(path, "/notes/"):
		return "comment"
	}
	return "issue"
}

// page is one page of a list, in the words of both forges.
func page(r *http.Request, posts []*post) any {
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	number, _ := strconv.Atoi(r.URL.Query().Get("page"))
	label := r.URL.Query().Get("labels")
	all := []any{}
	for _, p := range posts {
		if label != "" && p.label != label {
			continue
		}
		state, author := "closed", 1
		if p.open {
			state = map[bool]string{true: "opened", false: "open"}[strings.HasPrefix(r.URL.Path, "/gitlab")]
		}
		if p.author == bot {
			author = botID
		}
		all = append(all, map[string]any{
			"id": p.id, "number": p.id, "iid": p.id, "state": state, "system": false,
			"body": p.body, "description": p.body, "user": map[string]any{"login": p.author}, "author": map[string]any{"id": author},
		})
	}
	from := min((number-1)*size, len(all))
	return all[from:min(from+size, len(all))]
}

// comment takes a comment of the pull request, or a note at an issue. The
// line breaks come back as the web shows them.
func (f *forge) comment(r *http.Request, in map[string]any) any {
	n, _ := strconv.Atoi(r.PathValue("n"))
	for _, p := range f.issues {
		if p.id == n && !strings.Contains(r.URL.Path, "merge_requests") {
			p.notes++
			return map[string]any{}
		}
	}
	f.comments = append(f.comments, &post{id: 100 + len(f.comments), author: bot, body: stored(in["body"])})
	return map[string]any{}
}

// stored is a body as the forge keeps it.
func stored(body any) string {
	return strings.ReplaceAll(strings.TrimRight(body.(string), "\n"), "\n", "\r\n")
}

func (f *forge) issue(_ *http.Request, in map[string]any) any {
	p := &post{id: 500 + len(f.issues), author: bot, open: true, title: in["title"].(string)}
	if labels, many := in["labels"].([]any); many {
		if slices.ContainsFunc(f.labels, func(l any) bool { return l.(map[string]any)["name"] == labels[0] }) {
			p.label = labels[0].(string)
		}
	} else {
		p.label = in["labels"].(string)
	}
	p.body = stored(cmp.Or(in["body"], in["description"]))
	f.issues = append(f.issues, p)
	return map[string]any{}
}

// change edits a comment or an issue.
func (f *forge) change(posts *[]*post) func(*http.Request, map[string]any) any {
	return func(r *http.Request, in map[string]any) any {
		id, _ := strconv.Atoi(r.PathValue("id"))
		i := slices.IndexFunc(*posts, func(p *post) bool { return p.id == id })
		if i < 0 || (*posts)[i].author != bot {
			return nil
		}
		p := (*posts)[i]
		p.body = stored(cmp.Or(in["body"], in["description"]))
		switch cmp.Or(in["state"], in["state_event"]) {
		case "open", "reopen":
			p.open = true
		case "closed", "close":
			p.open = false
		}
		p.updates++
		return map[string]any{}
	}
}

func (f *forge) merges(r *http.Request, _ map[string]any) any {
	sha := r.PathValue("sha")
	n, is := f.merged[sha]
	if !is {
		return []any{}
	}
	return []any{map[string]any{"number": n, "iid": n, "merged_at": "2026-11-25T10:00:00Z", "state": "merged", "merge_commit_sha": sha}}
}

// tag makes or moves a tag in the bare repository.
func (f *forge) tag(t *testing.T, ref, sha, was string) any {
	args := []string{"-C", f.origin, "update-ref", ref, sha}
	if was != "" {
		args = append(args, was)
	}
	if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		t.Logf("git %v: %s", args, out)
		return nil
	}
	return map[string]any{}
}

// wrote is what was written since the last look.
func (f *forge) wrote() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer func() { f.writes = nil }()
	return fmt.Sprint(f.writes)
}
