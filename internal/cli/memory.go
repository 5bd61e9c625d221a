package cli

import (
	"runtime"
	"runtime/debug"
)

// heapGrowth is how much the heap may grow before it is collected, in percent
// of what is alive. Nearly all that a run reads stays alive to its end, so that
// collecting earlier costs processor time and frees little.
const heapGrowth = 200

// collectLess sets heapGrowth, unless GOGC says otherwise.
func collectLess(env func(string) string) {
	if env("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}

// forgetFiles frees the trees of the files that were loaded, which are many
// times what they say, before live state needs the memory.
func forgetFiles() { runtime.GC() }
