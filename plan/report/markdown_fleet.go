package report

import (
	"strconv"
	"strings"

	"rollcall/plan"
)

// fleetHead begins the table of several organizations, a verdict a row; of
// one there is no table.
func (m *markdown) fleetHead() string {
	if !m.several() || m.listed == 0 || m.loud() == 0 {
		return ""
	}
	return "| organization | users | `+` | `!` | `-` | held | |\n| --- | ---: | ---: | ---: | ---: | ---: | --- |\n"
}

// fleetEnd parts the table from what comes after it.
func (m *markdown) fleetEnd() string {
	if m.fleetHead() == "" {
		return ""
	}
	return "\n"
}

func (m *markdown) several() bool { return len(m.plan.Orgs) > 1 }

// fleetRow is an organization, or those without a plan for one reason, in the
// table of several. Parts say more than its numbers.
func (m *markdown) fleetRow(s *section, parts []string, most int) string {
	cells := make([]string, 5)
	name := "**" + code(cut(orgName(m.plan, s.org), most)) + "**"
	if len(s.together) > 1 {
		name = "**" + count(len(s.together), "organization") + "**: " + firstCodes(orgNames(m.plan, s.together), nameFew)
	}
	if o := s.org; o.Error == "" {
		gained, changed, lost := signs(&o.Summary)
		cells = []string{strconv.Itoa(o.Read.Users), unlessNone(gained), unlessNone(changed), unlessNone(lost), unlessNone(len(o.Held))}
	}
	return "| " + name + " | " + strings.Join(cells, " | ") + " | " + strings.Join(parts, "; ") + " |\n"
}

// toldInRow tells whether the row of an organization without a plan says all
// that there is to say.
func toldInRow(o *plan.Org) bool {
	return o.Error != "" && !strings.Contains(strings.TrimSpace(o.Error), "\n") && len(o.Error) <= proseMax && len(o.ErrorHint) <= proseMax
}
