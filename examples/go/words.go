// Package words counts words.
package words

import "strings"

// Count gives the number of words of a text.
func Count(text string) int {
	return len(strings.Fields(text))
}
