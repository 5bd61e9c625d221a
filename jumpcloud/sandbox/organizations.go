package sandbox

import (
	"net/http"
	"slices"
)

// orgTable is the table of GET /api/organizations (facts.md section 9).
var orgTable = newTable([]field{
	{name: "_id", shape: anyText},
	{name: "id", shape: anyText},
	{name: "displayName", shape: anyText},
	{name: "logoUrl", shape: anyText, unset: "null"},
	{name: "created", shape: anyText},
	{name: "settings", shape: anything},
})

// info is the organization as a record. What it shows never changes.
func (o *org) info() record {
	r := orgTable.fresh()
	r.setText("_id", o.id)
	r.setText("id", o.id)
	r.setText("displayName", o.name)
	r.setText("created", o.created)
	if o.logo != "" {
		r.setText("logoUrl", o.logo)
	}
	return r
}

// listOrganizations is GET /organizations: those that the credential sees.
func listOrganizations(c *call) answer {
	q, problem := c.queryV1(orgTable)
	if problem != nil {
		return *problem
	}
	var all []record
	for _, o := range c.s.visible(c.cred) {
		all = append(all, o.info())
	}
	slices.SortFunc(all, func(a, b record) int { return compareValues(a.get("_id"), b.get("_id")) })
	page, total := selectPage(all, q)
	return listV1(page, total, q.only)
}

// getOrganization is GET /organizations/{id}.
func getOrganization(c *call) answer {
	o := c.s.data.org(c.params["org"])
	switch {
	case o == nil || o.id != c.params["org"]:
		return *notFound()
	case !c.cred.sees(o):
		return *fail(http.StatusForbidden, "Forbidden")
	}
	r := o.info()
	settings := o.settings
	if settings == nil {
		settings = &Settings{}
	}
	r.set("settings", mustJSON(settings))
	return ok(r.appendJSON(nil, nil, false))
}

// listProviders is GET /v2/providers: one, for a multi-tenant credential.
func listProviders(c *call) answer {
	providers := []Provider{}
	if c.cred.multi() {
		providers = append(providers, c.s.data.provider)
	}
	return counted(mustJSON(providers), len(providers))
}

// listProviderOrganizations is GET /v2/providers/{id}/organizations.
func listProviderOrganizations(c *call) answer {
	if !c.cred.multi() || c.params["provider"] != c.s.data.provider.ID {
		return *notFound()
	}
	q, problem := c.queryV2(providerOrgTable)
	if problem != nil {
		return *problem
	}
	var all []record
	for _, o := range c.s.visible(c.cred) {
		r := providerOrgTable.fresh()
		r.setText("id", o.id)
		r.setText("name", o.name)
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b record) int { return compareValues(a.get("id"), b.get("id")) })
	page, total := selectPage(all, q)
	return listV1(page, total, q.only)
}

// providerOrgTable is an organization of a provider (openapi-v2.json,
// Organization).
var providerOrgTable = newTable([]field{{name: "id", shape: anyText}, {name: "name", shape: anyText}, {name: "maxSystemUsers", shape: shape{kind: integer}, unset: "0"}})
