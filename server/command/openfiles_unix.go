//go:build unix

package command

import (
	"fmt"
	"syscall"
)

// checkOpenFiles looks at the limit that the server itself would raise to: the hard one.
func checkOpenFiles() (found string, err error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return "", err
	}
	if limit.Max < wantedFiles {
		return "", fmt.Errorf("the limit is %d, and each client needs one or two; raise it (LimitNOFILE in systemd, ulimit -n in a shell)", limit.Max)
	}
	return fmt.Sprintf("up to %d", limit.Max), nil
}
