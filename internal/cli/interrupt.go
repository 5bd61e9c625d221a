package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible is a context that the first interrupt or SIGTERM cancels,
// after notice was called; the second one ends the process. Stop ends the
// watch.
func interruptible(notice func()) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			signal.Stop(signals)
			notice()
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}
