package sigma

// ConditionSQL returns the condition of the one rule in text.
func ConditionSQL(text string) (string, error) {
	docs, err := read("rule.yml", []byte(text))
	if err != nil {
		return "", err
	}
	if docs[0].err != nil {
		return "", docs[0].err
	}
	return docs[0].condition.sql(), nil
}
