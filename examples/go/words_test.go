package words

import "testing"

func TestCount(t *testing.T) {
	if got := Count("to be or not to be"); got != 6 {
		t.Fatalf("6 words, not %d", got)
	}
}
