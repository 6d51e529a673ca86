// Package descriptor writes to many sockets in one system call.
package descriptor

// Result is how one write of a Ring went: as Write returns it.
type Result struct {
	Written int
	Err     error
}
