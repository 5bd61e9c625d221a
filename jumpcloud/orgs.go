package jumpcloud

import (
	"context"
	"encoding/json"
	"net/http"
)

// Organization reads one organization with its settings.
func (c *Client) Organization(ctx context.Context, id string) (Record, error) {
	return c.record(ctx, route(http.MethodGet, v1+"/organizations/%s", id))
}

// Providers are the managed service providers that the credential belongs
// to: "id", "name", "type" each.
func (c *Client) Providers(ctx context.Context) ([]Record, error) {
	return c.array(ctx, route(http.MethodGet, v2+"/providers"))
}

// ProviderOrganizations are a provider's organizations: "id", "name",
// "maxSystemUsers" each.
func (c *Client) ProviderOrganizations(ctx context.Context, providerID string) ([]Record, error) {
	return c.all(ctx, list(envelope, "organizations", v2+"/providers/%s/organizations", providerID))
}

// array sends a request whose answer is an array that has no pages.
func (c *Client) array(ctx context.Context, r request) ([]Record, error) {
	a, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	var records []Record
	if err := json.Unmarshal(a.body, &records); err != nil {
		return nil, a.refuse(c, "read the answer: "+PlainJSON(err).Error())
	}
	return withoutNull(records), nil
}
