package cli

import (
	"runtime"
	"runtime/debug"
)

// How much the heap may grow before it is collected, in percent of what is
// alive. Nearly all that a run reads stays alive to its end, and all that
// loading a file makes until it is loaded, so that collecting earlier costs
// processor time and frees little.
const (
	heapGrowth = 200
	loadGrowth = 400
)

// collectAt sets how much the heap may grow, unless GOGC says it.
func collectAt(percent int, env func(string) string) {
	if env("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// loading runs load and frees the trees of the files that it has read, which
// are many times what they say, before live state needs the memory.
func (r *run) loading(load func()) {
	collectAt(loadGrowth, r.env)
	load()
	runtime.GC()
	collectAt(heapGrowth, r.env)
}
