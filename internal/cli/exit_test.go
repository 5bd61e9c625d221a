package cli

import (
	"testing"

	"rollcall/jumpcloud"
)

func TestHintOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method string
		status int
		want   string
	}{
		{"GET", 400, ""},
		{"GET", 403, "the credential has no right to do this; its role needs users, groups and organizations"},
		{"GET", 404, "run again later; if it stays so, check org.id and --api-url"},
		{"PUT", 404, ""},
		{"GET", 429, "JumpCloud asks for fewer requests: run again later, with a lower --rate"},
		{"POST", 500, "JumpCloud has a failure: run again later"},
	} {
		if got := hintOf(&jumpcloud.Error{Method: c.method, Status: c.status}); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.method, c.status, got, c.want)
		}
	}
}

func TestWorst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		codes []int
		want  int
	}{
		{nil, 0}, {[]int{0, 0}, 0}, {[]int{0, 2}, 2}, {[]int{2, 3}, 3}, {[]int{3, 1, 2}, 1}, {[]int{1, 4, 3}, 4},
	} {
		if got := worst(c.codes...); got != c.want {
			t.Errorf("worst(%v) = %d, want %d", c.codes, got, c.want)
		}
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Bright Kelp": "bright-kelp", "  Oak & Iron, Ltd. ": "oak-iron-ltd", "Café Zürich": "cafe-zurich", "../../etc/passwd": "etc-passwd", "日本": "", "a\x00b": "a-b",
	} {
		if got := slug(name); got != want {
			t.Errorf("slug(%q) = %q, want %q", name, got, want)
		}
	}
}
