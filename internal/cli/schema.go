package cli

import "rollcall/schema"

type schemaCmd struct {
	Of string `arg:"" optional:"" enum:"rollcall,plan" default:"rollcall" help:"rollcall (the file) or plan (what plan --format json prints)."`
}

// Run prints the schema of files or of plans.
func (s *schemaCmd) Run(r *run) error {
	text := schema.Document()
	if s.Of == "plan" {
		text = schema.Plan()
	}
	_, err := r.out.Write(text)
	return err
}
