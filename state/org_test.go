package state

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
)

func TestOrganizations(t *testing.T) {
	t.Parallel()
	_, c := serve(t, sandbox.State{Organizations: []sandbox.Organization{
		{ID: "5f3c0a1b9d2e4c0001a7b9e3", Name: "Bright Kelp"}, {ID: "5f3c0a1b9d2e4c0001a7b9e2", Name: "Acme"}, {ID: kelpID, Name: "Corner"},
	}}, sandbox.Options{})
	got, err := Organizations(t.Context(), c)
	want := []Visible{{"5f3c0a1b9d2e4c0001a7b9e2", "Acme"}, {"5f3c0a1b9d2e4c0001a7b9e3", "Bright Kelp"}, {kelpID, "Corner"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestOrganizationsNoRight(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		body   string
		want   bool
	}{
		{http.StatusForbidden, `{"message":"no"}`, true},
		{http.StatusForbidden, `{"message":"Your IP has been blocked due to suspected abuse"}`, false},
		{http.StatusUnauthorized, `{"message":"no"}`, false},
		{http.StatusBadRequest, `{"message":"no"}`, false},
	} {
		_, c := serve(t, kelp(nil, nil), sandbox.Options{Before: func(*http.Request) *sandbox.Fault {
			return &sandbox.Fault{Status: tt.status, Body: tt.body}
		}})
		_, err := Organizations(t.Context(), c)
		if err == nil || NoRight(err) != tt.want {
			t.Errorf("%d: NoRight(%v) is not %v", tt.status, err, tt.want)
		}
	}
}

func TestFindOrg(t *testing.T) {
	t.Parallel()
	seen := []Visible{{"a1", "Acme"}, {"b2", "Bright Kelp"}, {"c3", ""}}
	noRight := &jumpcloud.Error{Status: http.StatusForbidden}
	refused := &jumpcloud.Error{Status: http.StatusUnauthorized}
	broken := &jumpcloud.Error{Status: http.StatusBadGateway}
	for _, tt := range []struct {
		name     string
		want     Org
		fallback string
		seen     []Visible
		listErr  error
		found    Visible
		warning  bool
		err      error
		hint     string // part of it
	}{
		{name: "by id", want: Org{ID: "b2", Name: "Bright Kelp"}, seen: seen, found: seen[1]},
		{name: "no name in the file", want: Org{ID: "b2"}, seen: seen, found: seen[1]},
		{name: "no live name", want: Org{ID: "c3", Name: "Corner"}, seen: seen, found: seen[2]},
		{name: "by fallback", want: Org{}, fallback: "a1", seen: seen, found: seen[0]},
		{name: "the file before the fallback", want: Org{ID: "b2"}, fallback: "a1", seen: seen, found: seen[1]},
		{name: "the only one", want: Org{}, seen: seen[:1], found: seen[0]},
		{name: "the only one, of another name", want: Org{Name: "Bright Kelp"}, seen: seen[:1], err: ErrWrongOrg},
		{name: "another name", want: Org{ID: "a1", Name: "Bright Kelp"}, seen: seen, err: ErrWrongOrg},
		{name: "another name by fallback", want: Org{Name: "Bright Kelp"}, fallback: "a1", seen: seen, err: ErrWrongOrg},
		{name: "not visible", want: Org{ID: "z9"}, seen: seen, err: ErrNotVisible, hint: "rollcall orgs"},
		{name: "not visible, the name is", want: Org{ID: "z9", Name: "bright kelp"}, seen: seen, err: ErrNotVisible, hint: `sees "Bright Kelp" by another id: is the id right?`},
		{name: "not visible, the name nearly is", want: Org{ID: "z9", Name: "Brigth Kelp"}, seen: seen, err: ErrNotVisible, hint: "sees 3 others"},
		{name: "not visible, but another", want: Org{ID: "z9", Name: "Acne"}, seen: seen[:1], err: ErrNotVisible, hint: `sees only "Acme": is it another client's key?`},
		{name: "not visible, nothing is", want: Org{ID: "z9"}, err: ErrNotVisible, hint: "sees no organization"},
		{name: "several and no id", want: Org{}, seen: seen, err: ErrNoOrg, hint: "rollcall orgs"},
		{name: "several and a name", want: Org{Name: "Acme"}, seen: seen, err: ErrNoOrg, hint: "org.id: a1"},
		{name: "none", want: Org{}, err: ErrNotVisible},
		{name: "no right", want: Org{ID: "b2"}, listErr: noRight, found: Visible{ID: "b2"}, warning: true},
		{name: "no right and no id", want: Org{Name: "Acme"}, listErr: noRight, err: ErrNoOrg, hint: "JUMPCLOUD_ORG_ID"},
		{name: "refused", want: Org{ID: "b2"}, listErr: refused, err: refused},
		{name: "broken", want: Org{ID: "b2"}, listErr: broken, err: broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found, warning, err := FindOrg(&tt.want, tt.fallback, tt.seen, tt.listErr)
			if !errors.Is(err, tt.err) || (warning != "") != tt.warning {
				t.Errorf("got warning %q, error %v; want error %v", warning, err, tt.err)
			}
			if diff := cmp.Diff(tt.found, found); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var refused *OrgError
			if tt.hint != "" && (!errors.As(err, &refused) || !strings.Contains(refused.Hint, tt.hint)) {
				t.Errorf("got hint of %#v, want %q in it", err, tt.hint)
			}
			if errors.Is(err, ErrNotVisible) && slices.ContainsFunc(tt.seen, func(o Visible) bool { return strings.Contains(refused.Hint, o.ID) }) {
				t.Errorf("the id of another organization is in %q", refused.Hint)
			}
		})
	}
}

func TestCheckOrg(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, id string
		of       []string // organizations of the users' records
		want     error
	}{
		{"all of it", "a1", []string{"a1", "a1"}, nil},
		{"not said", "a1", []string{"", ""}, nil},
		{"one of another", "a1", []string{"a1", "b2"}, ErrWrongOrg},
		{"no id", "", []string{"b2"}, nil},
	} {
		live := &Live{Org: Org{ID: tt.id}}
		for _, id := range tt.of {
			live.Objects = append(live.Objects, Object{Name: "mira"})
			live.Facts = append(live.Facts, Fact{OrgID: id})
		}
		if err := CheckOrg(live); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

// An organization that nobody named is the one that all records name.
func TestReadOrgID(t *testing.T) {
	t.Parallel()
	_, c := serve(t, kelp(people(2), nil), sandbox.Options{})
	if live := mustRead(t, c, ReadOptions{}); live.ID != kelpID {
		t.Errorf("got %q", live.ID)
	}
	if id := commonOrg([]Fact{{OrgID: "a"}, {OrgID: "b"}}); id != "" {
		t.Errorf("got %q of two organizations", id)
	}
}
