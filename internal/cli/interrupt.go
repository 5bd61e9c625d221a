package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// exitSignal is the exit code of a second interrupt where a process cannot
// end by the signal itself, which shells show as the same.
const exitSignal = 130

// interruptible is a context that the first interrupt or SIGTERM cancels,
// after notice was called; at the second one last is called and the process
// ends by the signal. Stop ends the watch.
func interruptible(notice, last func()) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals, done := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for _, then := range []func(os.Signal){
			func(os.Signal) { notice(); cancel() },
			func(s os.Signal) { briefly(last); die(s) },
		} {
			select {
			case s := <-signals:
				then(s)
			case <-done:
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}

// briefly does something and does not wait for it long: whoever reads what
// is printed may be stuck.
func briefly(do func()) {
	over := make(chan struct{})
	go func() {
		do()
		close(over)
	}()
	select {
	case <-over:
	case <-time.After(100 * time.Millisecond):
	}
}

// die ends the process by a signal, so that its parent sees one.
func die(s os.Signal) {
	signal.Reset(s)
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(s) == nil {
		<-time.After(time.Second) // it comes at once
	}
	os.Exit(exitSignal)
}
