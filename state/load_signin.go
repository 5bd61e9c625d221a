package state

import "gopkg.in/yaml.v3"

// signIn is where the credentials of all documents are: nothing of it can be
// the password of a person in any of them.
type signIn struct {
	env   map[string]bool // names of variables
	files map[string]bool // absolute paths, links followed
}

// signIns are what the documents name, and rollcall's own variables.
func signIns(docs []document) signIn {
	s := signIn{files: map[string]bool{}, env: map[string]bool{
		"JUMPCLOUD_API_KEY": true, "JUMPCLOUD_CLIENT_ID": true, "JUMPCLOUD_CLIENT_SECRET": true,
	}}
	for _, doc := range docs {
		org := child(doc.root, "org")
		account := child(org, "service_account")
		for _, ref := range []*yaml.Node{child(org, "api_key"), child(account, "client_id"), child(account, "client_secret")} {
			s.env[value(child(ref, "env"))] = true
			if file := value(child(ref, "file")); file != "" {
				s.files[resolved(doc.src.joined(file))] = true
			}
		}
	}
	return s
}
