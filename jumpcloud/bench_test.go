package jumpcloud

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
)

// userRecord is a user as JumpCloud lists one (facts.md section 2).
const userRecord = `{"account_locked":false,"account_locked_date":null,"activated":false,"addresses":[],"allow_public_key":true,"attributes":[],` +
	`"company":"Bright Kelp GmbH","costCenter":"","department":"Engineering","description":"","disableDeviceMaxLoginAttempts":false,` +
	`"displayname":"Some Body","email":"user%[1]d@brightkelp.example","employeeIdentifier":"%[1]d","employeeType":"","enable_managed_uid":false,` +
	`"enable_user_portal_multifactor":false,"external_dn":"","external_source_type":"","externally_managed":false,"firstname":"Some","jobTitle":"",` +
	`"lastname":"Body","ldap_binding_user":false,"location":"","mfa":{"exclusion":false,"configured":false},"middlename":"","password_never_expires":false,` +
	`"passwordless_sudo":false,"phoneNumbers":[],"samba_service_user":false,"ssh_keys":[],"state":"ACTIVATED","sudo":false,"suspended":false,` +
	`"systemUsername":"","unix_guid":5001,"unix_uid":5001,"username":"user%[1]d","created":"2021-02-12T17:45:42.369Z","password_expired":false,` +
	`"totp_enabled":false,"_id":"%024[1]x","id":"%024[1]x"}`

// BenchmarkListUsers reads 20,000 users in 200 requests and keeps their ids.
func BenchmarkListUsers(b *testing.B) {
	const users = 20_000
	pages := make([][]byte, users/pageSize)
	size := 0
	for i := range pages {
		var p bytes.Buffer
		fmt.Fprintf(&p, `{"totalCount":%d,"results":[`, users)
		for j := range pageSize {
			if j > 0 {
				p.WriteByte(',')
			}
			fmt.Fprintf(&p, userRecord, i*pageSize+j)
		}
		p.WriteString("]}")
		pages[i] = p.Bytes()
		size += p.Len()
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		skip, _ := strconv.Atoi(r.URL.Query().Get("skip"))
		w.Write(pages[skip/pageSize])
	}))
	defer s.Close()
	c, err := New(Options{URL: s.URL, APIKey: "jca_key", Rate: -1})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetBytes(int64(size))
	for b.Loop() {
		read, total, err := List(b.Context(), c, Users(nil, nil), ids)
		if err != nil {
			b.Fatal(err)
		}
		if total != users || len(read) != len(pages) {
			b.Fatalf("read %d pages of %d users", len(read), total)
		}
	}
	b.ReportMetric(float64(c.Requests())/float64(b.N), "requests/op")
}
