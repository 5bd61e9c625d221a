package state

// Update is -update, for tests that need packages which import this one.
var Update = update
