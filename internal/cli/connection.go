package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"

	"rollcall/jumpcloud"
	"rollcall/jumpcloud/sandbox"
	"rollcall/state"
)

// connections makes one client for each host and credential, so that
// organizations that share them share one pace.
type connections struct {
	*run
	local    login // of the embedded JumpCloud under --sandbox, else zero
	accounts map[login]*account
}

// account is one credential on one host.
type account struct {
	client        *jumpcloud.Client // of no organization
	url           string            // host root
	organizations func(context.Context) ([]state.Visible, error)
}

// login is where to connect and as whom.
type login struct{ url, key, clientID, clientSecret string }

// connect runs a command with connections. Under --sandbox the embedded
// JumpCloud runs as long as the command, and is saved after it.
func (r *run) connect(do func(*connections) error) error {
	c := &connections{run: r, accounts: map[login]*account{}}
	if r.Sandbox == "" {
		return do(c)
	}
	server, err := sandbox.Open(r.Sandbox)
	if errors.Is(err, fs.ErrNotExist) {
		return hinted("copy the live.json of an example, or rollcall sandbox "+quote(r.Sandbox)+" makes an empty organization", "%w", err)
	}
	if err != nil {
		return err
	}
	url, stop, err := server.Start()
	if err != nil {
		return err
	}
	c.local = login{url: url, key: server.Key()}
	err = do(c)
	if stopped := stop(); stopped != nil && err == nil {
		return stopped
	} else if stopped != nil {
		r.complain(r.Sandbox, stopped)
	}
	return err
}

// account is the credential of a document. Whoever shares it shares the
// client, and organizations are listed once.
func (c *connections) account(ctx context.Context, d *state.Desired) (*account, error) {
	l, err := c.login(ctx, d)
	if err != nil || c.accounts[l] != nil {
		return c.accounts[l], err
	}
	client, err := c.client(l)
	if err != nil {
		return nil, err
	}
	var once sync.Once
	var seen []state.Visible
	var listErr error
	us, _ := jumpcloud.RegionURL("us")
	c.accounts[l] = &account{client: client, url: cmp.Or(l.url, us), organizations: func(ctx context.Context) ([]state.Visible, error) {
		once.Do(func() { seen, listErr = state.Organizations(ctx, client) })
		return seen, listErr
	}}
	return c.accounts[l], nil
}

func (c *connections) client(l login) (*jumpcloud.Client, error) {
	var debug io.Writer
	if c.Debug {
		debug = c.err
	}
	return jumpcloud.New(jumpcloud.Options{
		URL: l.url, APIKey: l.key, ClientID: l.clientID, ClientSecret: l.clientSecret,
		Parallel: c.Parallel, Rate: c.Rate, Timeout: c.Timeout, UserAgent: "rollcall/" + Version, Debug: debug, Sleep: c.sleep, Throttled: c.throttled,
	})
}

// login resolves what a document says about host and credential.
func (c *connections) login(ctx context.Context, d *state.Desired) (login, error) {
	if c.local.url != "" {
		return c.local, nil
	}
	l, err := c.credential(ctx, d)
	if err != nil {
		return login{}, err
	}
	if l.url = c.host(); l.url == "" && d.Region != "" {
		l.url, _ = jumpcloud.RegionURL(d.Region)
	}
	return l, nil
}

// host is the server that flag or environment name instead of a region's.
func (r *run) host() string {
	if r.APIURL != "" {
		return r.APIURL
	}
	return r.env("JUMPCLOUD_API_URL")
}

// credential is an API key or a service account: what the document refers
// to, else the environment's.
func (r *run) credential(ctx context.Context, d *state.Desired) (l login, err error) {
	refs := d.Credential
	if refs.APIKey.IsZero() && refs.ClientID.IsZero() && refs.ClientSecret.IsZero() {
		return r.defaultCredential()
	}
	s := secrets{env: r.env, wide: r.warnOfWide}
	for _, x := range []struct {
		from state.Reference
		to   *string
	}{{refs.APIKey, &l.key}, {refs.ClientID, &l.clientID}, {refs.ClientSecret, &l.clientSecret}} {
		if x.from.IsZero() {
			continue
		}
		if *x.to, err = s.read(ctx, x.from); err != nil {
			return login{}, err
		}
	}
	return l, nil
}

// defaultCredential is what a document means that names none.
func (r *run) defaultCredential() (login, error) {
	if key := r.env("JUMPCLOUD_API_KEY"); key != "" {
		return login{key: key}, nil
	}
	id, secret := r.env("JUMPCLOUD_CLIENT_ID"), r.env("JUMPCLOUD_CLIENT_SECRET")
	switch {
	case id != "" && secret != "":
		return login{clientID: id, clientSecret: secret}, nil
	case id != "" || secret != "":
		return login{}, hinted("", "JUMPCLOUD_CLIENT_ID and JUMPCLOUD_CLIENT_SECRET are needed together")
	}
	return login{}, hinted("export JUMPCLOUD_API_KEY=..., or try --sandbox FILE without an account", "no credential: the environment variable JUMPCLOUD_API_KEY is not set")
}
