package cli

import "testing"

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
