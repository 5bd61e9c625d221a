package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

// confirm asks on the terminal and takes only the word yes. An interrupt
// while it waits is ctx's error.
func (r *run) confirm(ctx context.Context, question string) (bool, error) {
	fmt.Fprintf(r.err, "%s Only yes is accepted: ", question)
	type answer struct {
		line string
		err  error
	}
	answers := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(r.in).ReadString('\n')
		answers <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case a := <-answers:
		if a.err != nil {
			fmt.Fprintln(r.err) // the line that the question stands on has no end
		}
		return strings.TrimSpace(a.line) == "yes", nil
	}
}
