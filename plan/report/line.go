package report

// Line is a value as one line of JSON with its line break. Characters that
// Clean shows escaped are JSON escapes.
func Line(v any) ([]byte, error) { return encode(v, "") }
