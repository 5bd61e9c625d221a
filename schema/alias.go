package schema

// aliases are words that people write for a user field and that are not near
// its name.
var aliases = map[string]string{
	"title":           "jobTitle",
	"job":             "jobTitle",
	"position":        "jobTitle",
	"dept":            "department",
	"boss":            "manager",
	"supervisor":      "manager",
	"reports_to":      "manager",
	"mail":            "email",
	"surname":         "lastname",
	"family_name":     "lastname",
	"given_name":      "firstname",
	"givenName":       "firstname",
	"fullname":        "displayname",
	"full_name":       "displayname",
	"employee_id":     "employeeIdentifier",
	"employeeId":      "employeeIdentifier",
	"employee_number": "employeeIdentifier",
	"employeeNumber":  "employeeIdentifier",
	"phone":           "phoneNumbers",
	"phones":          "phoneNumbers",
	"mobile":          "phoneNumbers",
	"address":         "addresses",
	"status":          "state",
	"member_of":       "groups",
	"memberOf":        "groups",
}

// ownName is a hint at the fields that a person's name is in.
const ownName = "a person's name is in firstname, lastname and displayname"
