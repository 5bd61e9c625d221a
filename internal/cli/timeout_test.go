package cli

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/apply"
	"rollcall/jumpcloud"
)

// never is a server that gives no answer.
type never struct{}

func (never) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// Whoever waits in vain is told how to wait longer.
func TestTimeoutIsExplained(t *testing.T) {
	t.Parallel()
	client, err := jumpcloud.New(jumpcloud.Options{
		APIKey: "jca_test", Transport: never{}, Timeout: time.Millisecond, Sleep: func(context.Context, time.Duration) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.GetUser(t.Context(), "5f")
	if err == nil || !strings.Contains(err.Error(), "no whole answer within 1ms") || !strings.Contains(hintOf(err), "a longer --timeout waits") {
		t.Errorf("%v, hint %q", err, hintOf(err))
	}
	if got := reason(nil, apply.Outcome{Err: err}); !strings.Contains(got, "--timeout") {
		t.Errorf("the reason of a change: %q", got)
	}
}

func TestTimeoutFlag(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"0", "0s", "-1s", "soon", "5"} {
		if got := runMain(nil, "orgs", "--timeout="+bad); got.code != exitUsage || !strings.Contains(got.errOut, "--timeout") {
			t.Errorf("--timeout %s: %+v", bad, got)
		}
	}
}
