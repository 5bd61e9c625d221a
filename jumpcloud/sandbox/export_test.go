package sandbox

// Routes are the operations of the sandbox as "METHOD path", for tests
// outside of the package.
func Routes() []string {
	list := make([]string, len(routes))
	for i, rt := range routes {
		list[i] = rt.method + " " + rt.path
	}
	return list
}

// RouteOf is the operation of a request, "" if there is none.
func RouteOf(method, path string) string {
	rt, _ := match(method, path)
	if rt == nil {
		return ""
	}
	return rt.method + " " + rt.path
}
