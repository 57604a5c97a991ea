package selector

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

const fieldCategory = "eventCategory"

// Limits of CloudTrail's API reference and of its quotas.
const (
	maxValues    = 500
	maxNameChars = 1000
	maxValue     = 2048
)

// fieldRule is which operators a field may have in a category.
type fieldRule struct {
	categories []string
	operators  []string // nil is all
	values     []string // nil is any
}

// rules are the fields of event data stores.
var rules = map[string][]fieldRule{
	fieldCategory:                  {{categories: categories, operators: []string{"Equals"}, values: categories}},
	"readOnly":                     {{categories: []string{"Management", "Data"}, operators: []string{"Equals"}, values: []string{"true", "false"}}},
	"eventSource":                  {{categories: []string{"Management", "Data"}}, {categories: []string{"NetworkActivity"}, operators: []string{"Equals"}}},
	"eventName":                    {{categories: []string{"Management", "Data", "NetworkActivity"}}},
	"eventType":                    {{categories: []string{"Management", "Data"}}},
	"sessionCredentialFromConsole": {{categories: []string{"Management", "Data"}, operators: []string{"Equals", "NotEquals"}, values: []string{"true"}}},
	"userIdentity.arn":             {{categories: []string{"Management", "Data"}}},
	"resources.type":               {{categories: []string{"Data"}, operators: []string{"Equals"}}},
	"resources.ARN":                {{categories: []string{"Data"}}},
	"errorCode":                    {{categories: []string{"NetworkActivity"}, operators: []string{"Equals"}, values: []string{"VpceAccessDenied"}}},
	"vpcEndpointId":                {{categories: []string{"NetworkActivity"}}},
}

// categories are the values of eventCategory. Those of the first three may stand together
// in one store; each of the others stands alone.
var categories = []string{"Management", "Data", "NetworkActivity", "Insight", "ConfigurationItem", "Evidence", "ActivityAuditLog"}

func (s *Set) validate() error {
	if len(s.selectors) == 0 {
		return errors.New("selectors: there are none; a store without selectors takes every event")
	}
	var errs []error
	values := 0
	families := map[string]bool{}
	for i := range s.selectors {
		sel := &s.selectors[i]
		where := fmt.Sprintf("selector %d", i+1)
		if sel.Name != "" {
			where += fmt.Sprintf(" %q", sel.Name)
		}
		if utf8.RuneCountInString(sel.Name) > maxNameChars {
			errs = append(errs, fmt.Errorf("selector %d: its name has more than %d characters", i+1, maxNameChars))
		}
		category, err := sel.category()
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", where, err))
			continue
		}
		if slices.Index(categories, category) < 3 {
			families["Management, Data or NetworkActivity"] = true
		} else {
			families[category] = true
		}
		for _, f := range sel.FieldSelectors {
			if err := f.validate(category); err != nil {
				errs = append(errs, fmt.Errorf("%s: field %s: %w", where, f.Field, err))
			}
			for _, op := range f.operators() {
				values += len(op.values)
			}
		}
		if err := sel.required(category); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", where, err))
		}
	}
	if len(families) > 1 {
		errs = append(errs, errors.New("selectors of Insight, ConfigurationItem, Evidence and ActivityAuditLog events each stand alone in a store"))
	}
	if values > maxValues {
		errs = append(errs, fmt.Errorf("the selectors have %d values; CloudTrail takes %d", values, maxValues))
	}
	return errors.Join(errs...)
}

// category returns the one category that a selector must name.
func (s *Selector) category() (string, error) {
	seen := map[string]bool{}
	category := ""
	for _, f := range s.FieldSelectors {
		if seen[f.Field] {
			return "", fmt.Errorf("field %s is there twice", f.Field)
		}
		seen[f.Field] = true
		if f.Field != fieldCategory {
			continue
		}
		if len(f.Equals) != 1 {
			return "", fmt.Errorf("field %s: it needs Equals with one value", fieldCategory)
		}
		category = f.Equals[0]
	}
	if category == "" {
		return "", errors.New("it lacks the field eventCategory")
	}
	if !slices.Contains(categories, category) {
		return "", fmt.Errorf("field eventCategory: %q is none of %s", category, strings.Join(categories, ", "))
	}
	return category, nil
}

func (f *FieldSelector) validate(category string) error {
	all, ok := rules[f.Field]
	if !ok {
		return errors.New("CloudTrail has no such field; names are case-sensitive")
	}
	i := slices.IndexFunc(all, func(r fieldRule) bool { return slices.Contains(r.categories, category) })
	if i < 0 {
		return fmt.Errorf("it is not for %s events", category)
	}
	rule := all[i]
	n := 0
	for _, op := range f.operators() {
		if op.values != nil && len(op.values) == 0 {
			return fmt.Errorf("%s has no value", op.name)
		}
		n += len(op.values)
		if len(op.values) > 0 && rule.operators != nil && !slices.Contains(rule.operators, op.name) {
			return fmt.Errorf("%s is not for it; %s is", op.name, strings.Join(rule.operators, ", "))
		}
		for _, v := range op.values {
			switch {
			case v == "" || len(v) > maxValue:
				return fmt.Errorf("%s: a value has 1 to %d characters", op.name, maxValue)
			case rule.values != nil && !slices.Contains(rule.values, v):
				return fmt.Errorf("%s: %q is none of %s", op.name, v, strings.Join(rule.values, ", "))
			}
		}
	}
	if n == 0 {
		return errors.New("it has no operator with a value")
	}
	return nil
}

// required checks for the fields that a category needs.
func (s *Selector) required(category string) error {
	need := map[string]string{"Data": "resources.type", "NetworkActivity": "eventSource"}[category]
	if need == "" {
		return nil
	}
	for _, f := range s.FieldSelectors {
		if f.Field == need && len(f.Equals) == 1 {
			return nil
		}
	}
	return fmt.Errorf("%s events need the field %s with Equals and one value", category, need)
}
