package sandbox_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"rollcall/jumpcloud/sandbox"
)

// written is a state as a person writes it.
const written = `{
  "organizations": [
    {"name": "Kelp",
     "users": [
       {"username": "jon", "email": "jon@kelp.example", "manager": "mira", "phoneNumbers": [{"type": "work", "number": "1"}, {"type": "home", "number": "2"}]},
       {"username": "mira", "email": "Mira@kelp.example", "suspended": true, "ssh_keys": [{"name": "a", "public_key": "b"}]},
       {"username": "ole", "email": "ole@kelp.example", "state": "STAGED", "unix_uid": 9000, "manager": "5f3c0a1b9d2e4c0001a7b9e1"}
     ],
     "groups": [{"name": "Data", "members": ["ole", "jon"]}]},
    {"id": "5f3c0a1b9d2e4c0001a7b9e1", "name": "Other"}
  ],
  "keys": [{"key": "k", "organizations": ["Kelp"]}],
  "mails": [{"organization": "Other", "to": "a@b", "kind": "welcome", "user": "a"}]
}`

// file writes a state file.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.json")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a state file.
func open(t *testing.T, path string) *sandbox.Server {
	t.Helper()
	s, err := sandbox.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestHandWrittenFile(t *testing.T) {
	t.Parallel()
	o := open(t, file(t, written)).Snapshot().Organizations[0]
	same(t, "members", []string{"jon", "ole"}, o.Group("Data").Members())
	same(t, "manager by name", o.User("mira")["_id"], o.User("jon")["manager"])
	same(t, "manager who is nobody", any("5f3c0a1b9d2e4c0001a7b9e1"), o.User("ole")["manager"])
	same(t, "state by default", any("ACTIVATED"), o.User("jon")["state"])
	same(t, "state by suspended", any("SUSPENDED"), o.User("mira")["state"])
	same(t, "staged", any(false), o.User("ole")["suspended"])
	same(t, "e-mail as it is live", any("Mira@kelp.example"), o.User("mira")["email"])
	same(t, "uid", any(9000.0), o.User("ole")["unix_uid"])
	same(t, "order as it is live", []string{"work", "home"}, names(o.User("jon")["phoneNumbers"], "type"))
	same(t, "ids of entries", 2, len(slices.Compact(names(o.User("jon")["phoneNumbers"], "id"))))
	same(t, "id of a key", 1, len(names(o.User("mira")["ssh_keys"], "_id")))
	same(t, "the same again", o, open(t, file(t, written)).Snapshot().Organizations[0])
}

// TestNullStays holds that a file may have null where JumpCloud could.
func TestNullStays(t *testing.T) {
	t.Parallel()
	text := strings.Replace(written, `"state": "STAGED"`, `"state": "STAGED", "jobTitle": null`, 1)
	a := use(t, open(t, file(t, text)))
	a.h = a.s // the documents have no null there
	got, there := a.get("GET", a.user("ole"), nil).(map[string]any)["jobTitle"]
	same(t, "jobTitle", any(nil), got)
	same(t, "is there", true, there)
}

func TestFileSurvivesTheProcess(t *testing.T) {
	t.Parallel()
	path := file(t, written)
	a := use(t, open(t, path))
	a.get("PUT", a.user("jon"), `{"jobTitle":"CEO","attributes":[{"name":"a","value":"\"<&>ü\u2028"}]}`)
	a.get("POST", "/systemusers", `{"username":"ann","email":"ann@b","password":"secret-7"}`)
	a.get("POST", "/v2/usergroups", `{"name":"New","attributes":{"x":{"y":1}}}`)
	a.get("POST", a.group("New")+"/members", map[string]string{"op": "add", "type": "user", "id": a.id("ann")})
	a.get("POST", a.group("New")+"/associations", `{"op":"add","type":"system","id":"1"}`)
	a.get("DELETE", a.user("ole"), nil)
	want := a.s.Snapshot()
	same(t, "another process", want, open(t, path).Snapshot())

	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "secret-7") {
		t.Error("the file holds a password")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "mode", fs.FileMode(0o600), info.Mode().Perm())
	same(t, "files in the folder", 1, entries(t, filepath.Dir(path)))
	same(t, "lines", true, strings.Count(string(raw), "\n") > 5)
}

// entries is the number of files in a folder.
func entries(t *testing.T, dir string) int {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestReadingLeavesTheFile(t *testing.T) {
	t.Parallel()
	path := file(t, written)
	a := use(t, open(t, path))
	a.get("GET", "/systemusers", nil)
	a.call("PUT", a.user("jon"), `{"nonsense":1}`)
	if err := a.s.Flush(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "file", written, string(raw))
}

func TestCreateAndOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	_, err := sandbox.Open(path)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("open of a missing file: %v", err)
	}
	s, err := sandbox.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "organizations", []string{"Sandbox"}, []string{s.Snapshot().Organizations[0].Name})
	same(t, "read again", s.Snapshot(), open(t, path).Snapshot())
	if _, err := sandbox.Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("create over a file: %v", err)
	}
	if _, err := sandbox.Create(filepath.Join(path, "no", "such")); err == nil {
		t.Error("created in a folder that is none")
	}
}

func TestBadFiles(t *testing.T) {
	t.Parallel()
	user := func(fields string) string {
		return `{"organizations":[{"name":"O","users":[{"username":"ann","email":"a@b"},{"username":"bob","email":"b@b",` + fields + `}]}]}`
	}
	group := func(fields string) string {
		return `{"organizations":[{"name":"O","users":[{"username":"ann","email":"a@b"}],"groups":[{"name":"A"},{"name":"B",` + fields + `}]}]}`
	}
	for text, want := range map[string]string{
		"":                         "the file is empty",
		"\x00\x01":                 "line 1: invalid character",
		"{\n\n\"organizations\":x": "line 3: invalid character 'x'",
		"[]":                       "cannot unmarshal array",
		"{}{}":                     "more than one JSON document",
		"{\"organisations\":[]}":   `unknown field "organisations"`,
		`{"organizations":[{}]}`:   "organizations[0] (): name is empty",
		`{"organizations":[{"name":"O","id":"1"}]}`:     `organizations[0] (O): id "1" is not 24 hexadecimal digits`,
		`{"organizations":[{"name":"O"},{"name":"O"}]}`: "organizations[1] (O): another organization has this id; two of one name need an id each",
		`{"organizations":[{"id":"00000000000000000000000a","name":"O"},{"name":"O"}],"keys":[{"key":"k","organizations":["O"]}]}`: `keys[0]: several organizations are named "O": write the id of one`,
		`{"organizations":[{"name":"O","user":[]}]}`:                                                            `unknown field "user"`,
		`{"organizations":[],"keys":[{"key":"k","organizations":["X"]}]}`:                                       `keys[0]: there is no organization "X"`,
		`{"organizations":[],"keys":[{"organizations":["*"]}]}`:                                                 "keys[0]: key is empty",
		`{"organizations":[],"service_accounts":[{"client_id":"a"}]}`:                                           "service_accounts[0]: client_id or client_secret is empty",
		`{"organizations":[],"service_accounts":[{"client_id":"a","client_secret":"b","organizations":["X"]}]}`: `service_accounts[0]: there is no organization "X"`,
		`{"organizations":[],"mails":[{"organization":"X"}]}`:                                                   `mails[0]: there is no organization "X"`,
		`{"organizations":[{"name":"O","users":[{"email":"a@b"}]}]}`:                                            `users[0] (): username "" is not valid`,
		`{"organizations":[{"name":"O","users":[{"username":"ann"}]}]}`:                                         `users[0] (ann): email "" is not valid`,
		user(`"jobtitle":"x"`):                        `organizations[0] (O): users[1] (bob): unknown field "jobtitle"`,
		user(`"jobTitle":1`):                          "users[1] (bob): jobTitle must be a string",
		user(`"phoneNumbers":[{"nr":"1"}]`):           "phoneNumbers[0].nr is not allowed",
		user(`"password":"x"`):                        "password is never kept",
		user(`"username":"ANN"`):                      "another user has this username",
		user(`"email":"A@b"`):                         "another user has this email",
		user(`"_id":"1"`):                             `id "1" is not 24 hexadecimal digits`,
		user(`"manager":"cyd"`):                       `manager "cyd" is nobody's username or id`,
		user(`"state":"SUSPENDED","suspended":false`): "state SUSPENDED contradicts suspended false",
		user(`"state":"active"`):                      "state must be one of",
		user(`"created":"yesterday"`):                 `created "yesterday" is not a time`,
		user(`"bindings":"two"`):                      "bindings must be a number",
		group(`"members":["cyd"]`):                    `groups[1] (B): member "cyd" is nobody's username or id`,
		group(`"members":["ann","ANN"]`):              `member "ANN" is there twice`,
		group(`"members":{}`):                         "members must be usernames or ids",
		group(`"associations":1`):                     "associations must be objects of type and id",
		group(`"name":"A"`):                           "another group has this name or id",
		group(`"name":""`):                            "name is empty",
		group(`"id":"1"`):                             `id "1" is not 24 hexadecimal digits`,
		group(`"member":[]`):                          `unknown field "member"`,
	} {
		path := file(t, text)
		_, err := sandbox.Open(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s\n got: %v\nwant: %s: ... %s", text, err, path, want)
		}
		if _, err := sandbox.ParseState([]byte(text)); err == nil {
			t.Errorf("ParseState takes %s", text)
		}
	}
}

func TestIDsOfDeletedUsersAreKept(t *testing.T) {
	t.Parallel()
	path := file(t, written)
	s, err := sandbox.OpenWith(path, sandbox.Options{DanglingMembers: true})
	if err != nil {
		t.Fatal(err)
	}
	a := use(t, s)
	id := a.id("ole")
	a.get("DELETE", a.user("ole"), nil)
	o := open(t, path).Snapshot().Organizations[0]
	same(t, "deleted", []string{id}, o.Deleted)
	same(t, "members", true, slices.Contains(o.Group("Data").Members(), id))
}

// TestAFailedSaveTakesWritesBack holds that who was told 200 is in the state,
// and nobody else, when saves begin to fail under writes side by side.
func TestAFailedSaveTakesWritesBack(t *testing.T) {
	t.Parallel()
	path := file(t, written)
	a := use(t, open(t, path))
	var mu sync.Mutex
	var wg sync.WaitGroup
	kept := []string{"jon", "mira", "ole"}
	for worker := range 8 {
		wg.Go(func() {
			for i := range 10 {
				name := fmt.Sprintf("w%di%d", worker, i)
				if worker == 0 && i == 5 {
					if err := os.Rename(filepath.Dir(path), filepath.Dir(path)+".gone"); err != nil {
						t.Error(err)
					}
				}
				w := a.call("POST", "/systemusers", fmt.Sprintf(`{"username":%q,"email":"%s@b"}`, name, name))
				mu.Lock()
				switch w.Code {
				case 200:
					kept = append(kept, name)
				case 500:
				default:
					t.Errorf("%s: %s", name, message(w))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	live := names(a.get("GET", "/systemusers?limit=100&sort=username", nil), "username")
	slices.Sort(kept)
	same(t, "users", kept, live)
	if len(kept) == 83 {
		t.Error("no save failed")
	}
	w := a.call("PUT", a.user("jon"), `{"jobTitle":"lost"}`)
	same(t, "status", 500, w.Code)
	same(t, "jobTitle", "", a.state().User("jon")["jobTitle"])
	if err := a.s.Flush(); err == nil {
		t.Error("Flush without a folder")
	}

	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	a.get("PUT", a.user("jon"), `{"jobTitle":"kept"}`)
	same(t, "the folder is there again", a.s.Snapshot(), open(t, path).Snapshot())
}

func TestAFailedSaveLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	path := file(t, written)
	a := use(t, open(t, path))
	if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "full"), 0o700)); err != nil {
		t.Fatal(err)
	}
	same(t, "status", 500, a.call("PUT", a.user("jon"), `{"jobTitle":"lost"}`).Code)
	same(t, "files in the folder", 1, entries(t, filepath.Dir(path)))
}

func TestManyWritesSideBySideAreAllSaved(t *testing.T) {
	t.Parallel()
	path := file(t, written)
	a := use(t, open(t, path))
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			a.call("POST", "/systemusers", fmt.Sprintf(`{"username":"u%d","email":"u%d@b"}`, i, i))
		})
	}
	wg.Wait()
	same(t, "state", a.s.Snapshot(), open(t, path).Snapshot())
	same(t, "users", 43, len(a.state().Users))
}

// FuzzParseState holds that any bytes are either an error or a state that comes
// back from its own file.
func FuzzParseState(f *testing.F) {
	f.Add([]byte(written))
	f.Add([]byte(`{"organizations":[{"name":"O"}],"faults":{"seed":1,"preset":"storm","rules":[{"org":"O","rate":0.5,"status":503}]}}`))
	f.Add([]byte(`{"organizations":[{"name":"O","groups":[{"name":"A","attributes":null,"members":[]}]}]}`))
	f.Add([]byte(`{"organizations":[{"name":"O","users":[{"username":"a","email":"a@b","mfa":{},"recoveryEmail":{"address":"x"}}],"deleted":["x"]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		st, err := sandbox.ParseState(raw)
		if err != nil {
			return
		}
		first := sandbox.New(st, sandbox.Options{}).Snapshot()
		same(t, "again", first, sandbox.New(first, sandbox.Options{}).Snapshot())
	})
}
