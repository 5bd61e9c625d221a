package jumpcloud

import (
	"context"
	"sync"
	"sync/atomic"
)

// SideBySide does do(0) to do(n-1), begun in this order and at most limit of
// them at once. After an error none is begun any more, those in flight are
// finished, and the error of the lowest index is returned: what is reported
// does not depend on timing. A context that ends is an error too.
func SideBySide(ctx context.Context, n, limit int, do func(ctx context.Context, i int) error) error {
	var (
		wait   sync.WaitGroup
		failed atomic.Bool
		errs   = make([]error, n)
		slots  = make(chan struct{}, max(limit, 1))
	)
	for i := range n {
		slots <- struct{}{}
		if failed.Load() || ctx.Err() != nil {
			break
		}
		wait.Go(func() {
			if errs[i] = do(ctx, i); errs[i] != nil {
				failed.Store(true)
			}
			<-slots
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}
