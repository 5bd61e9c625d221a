package plan

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/state"
)

// head is the beginning of the files of these tests.
const head = "version: 1\norg: {id: 5f3c0a1b9d2e4c0001a7b9e1, name: Bright Kelp}\n"

// loaded is the document of a file that is always the same one.
func loaded(t testing.TB, text string) *state.Desired {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rollcall.yaml")
	if err := os.WriteFile(file, []byte(head+text), 0o600); err != nil {
		t.Fatal(err)
	}
	docs, _, err := state.Load([]string{file}, state.LoadOptions{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for i, name := range docs[0].Pos.Files {
		docs[0].Pos.Files[i] = filepath.Base(name)
	}
	return docs[0]
}

// everything has an entry for all that a file can say.
const everything = `
defaults: {user: {email: "{username}@kelp.example", groups: [All]}}
policy: {unlisted_users: delete, dropped_users: delete, limits: {suspend_users: 0}, protect: {users: [mira]}}
users:
  mira: {firstname: Mira, manager: null, phoneNumbers: [{type: work, number: "1"}], ssh_keys: [], attributes: {a: "1", b: null}}
  jon: {manager: mira@kelp.example, state: suspended, groups: [Data], password: {from: {env: X}, since: 2026-11-01}, sudo: false, unix_uid: 5}
  ole: {state: staged, was: ola, manager: boss@elsewhere.example}
  eva: {ensure: absent, reports_to: jon}
groups:
  All: {}
  Data: {was: Dots, exact: true, members: [outside, "00042"], description: null, attributes: {sudo: null}}
  Rule: {membershipMethod: DYNAMIC_AUTOMATED, memberQuery: {queryType: FilterQuery, filters: [{field: company, operator: eq, value: x}]}}
  Gone: {ensure: absent}
`

func TestOfflineSameIsEmpty(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", everything} {
		d := loaded(t, text)
		got := offlineLines(t, d, d)
		if d := cmp.Diff([]string(nil), got); d != "" {
			t.Errorf("a file differs from itself (-want +got):\n%s", d)
		}
	}
}

// offlineLines are the changes and what is held between two revisions, a
// line each, with origins.
func offlineLines(t *testing.T, base, desired *state.Desired) (got []string) {
	t.Helper()
	o, err := Diff(base, state.AsLive(base, desired), desired, Options{AsOf: "2026-11-23", Offline: true})
	if err != nil {
		t.Fatalf("diff: %v", err)
	}
	if o.Limits != nil || o.Read != (Read{}) || len(o.Unlisted.Users)+len(o.Unlisted.Groups) > 0 {
		t.Errorf("the plan tells of what only JumpCloud knows: %+v %+v %+v", o.Limits, o.Read, o.Unlisted)
	}
	if text := fmt.Sprintf("%+v", *o); strings.Contains(text, "base:user") || strings.Contains(text, "base:group") {
		t.Errorf("made-up ids: %s", text)
	}
	for i := range o.Changes {
		got = append(got, string(o.Changes[i].Origin)+" "+line(&o.Changes[i]))
	}
	for i := range o.Held {
		got = append(got, "held "+string(o.Held[i].Origin)+" "+line(&o.Held[i].Change))
	}
	for _, r := range o.Refused {
		got = append(got, "refused "+r.Reason)
	}
	return got
}

func TestOffline(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, base, desired string
		want                []string
	}{
		{"value", "users: {a: {jobTitle: x}}", "users: {a: {jobTitle: y}}", []string{"change update user a jobTitle:x->y"}},
		{"value that the base does not manage", "users: {a: {}}", "users: {a: {jobTitle: y}}", []string{"change update user a jobTitle:->y"}},
		{"cleared", "users: {a: {jobTitle: x}}", "users: {a: {jobTitle: null}}", []string{"change update user a jobTitle:x->"}},
		{"unmanaged", "users: {a: {jobTitle: x}}", "users: {a: {}}", nil},
		{"manager", "users: {a: {manager: b@x.example}, b: {email: b@x.example}}", "users: {a: {manager: c}, b: {email: b@x.example}}", []string{"change update user a manager:b->c"}},
		{"manager by another name", "users: {a: {manager: b@x.example}}", "users: {a: {manager: b}, b: {email: b@x.example}}", []string{"change update user b email:->b@x.example"}},
		{"suspended", "users: {a: {}}", "users: {a: {state: suspended}}", []string{"change suspend user a state:->SUSPENDED"}},
		{"activated", "users: {a: {}}", "users: {a: {state: activated}}", []string{"change update user a state:->ACTIVATED"}},
		{"suspension lifted", "users: {a: {state: suspended}}", "users: {a: {state: activated}}", []string{"change reactivate user a state:SUSPENDED->ACTIVATED"}},
		{"staged is activated", "users: {a: {state: staged}}", "users: {a: {state: activated}}", []string{"change activate user a state:STAGED->ACTIVATED"}},
		{"created", "", "users: {a: {email: a@x.example}}", []string{"change create user a email:->a@x.example state:->STAGED"}},
		{"renamed", "users: {a: {jobTitle: x}}", "users: {b: {was: a, jobTitle: x}}", []string{"change update user a username:a->b"}},
		{"tombstone", "users: {a: {state: suspended}}", "users: {a: {ensure: absent, id: 60aa0f2b1c9d440000a1b2c3}}", []string{"change delete user a"}},
		{"tombstone of somebody else", "", "users: {a: {ensure: absent}}", []string{"change delete user a"}},
		{"dropped", "users: {a: {}, b: {}}", "users: {b: {}}", nil},
		{"dropped with policy", "users: {a: {}, b: {}}", "policy: {dropped_users: suspend}\nusers: {b: {}}", []string{"dropped suspend user a state:->SUSPENDED"}},
		{"dropped and deleted", "users: {a: {state: suspended}, b: {}}", "policy: {dropped_users: delete}\nusers: {b: {}}", []string{"dropped delete user a"}},
		{"group", "", "groups: {G: {description: x}}", []string{"change create group G description:->x"}},
		{"group renamed", "groups: {G: {}}", "groups: {H: {was: G}}", []string{"change update group G name:G->H"}},
		{"group deleted", "groups: {G: {members: [a]}}", "groups: {G: {ensure: absent}}", []string{"change delete group G"}},
		{"member joins", "groups: {G: {}}", "groups: {G: {members: [a]}}", []string{"change add group G a"}},
		{"member of a group of JumpCloud joins", "users: {a: {}}", "users: {a: {groups: [G]}}", []string{"change add group G a"}},
		{"member dropped", "groups: {G: {members: [a, b]}}", "groups: {G: {members: [b]}}", []string{"dropped remove group G a"}},
		{"member dropped of an exact group", "groups: {G: {exact: true, members: [a, b]}}", "groups: {G: {exact: true, members: [b]}}", []string{"dropped remove group G a"}},
		{"member leaves with groups: []", "users: {a: {groups: [G]}}\ngroups: {G: {}}", "users: {a: {groups: []}}\ngroups: {G: {}}", []string{"dropped remove group G a"}},
		{"password", "users: {a: {password: {from: {env: X}, since: 2026-11-01}}}", "users: {a: {password: {from: {env: X}, since: 2026-11-20}}}", []string{"change update user a password:->env:X"}},
		{"protected", "policy: {protect: {users: [a]}}\nusers: {a: {}}", "users: {a: {state: suspended}}",
			[]string{"change suspend user a state:->SUSPENDED", "refused a is protected, and the plan would suspend them"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(c.want, offlineLines(t, loaded(t, c.base), loaded(t, c.desired))); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
		})
	}
}
