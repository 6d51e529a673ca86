package models

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// checkFilesEvery is how often the watch looks at SQLite's files. A mark that is confirmed between the loss of the files and the
// next check may be lost with them.
const checkFilesEvery = time.Second

// fileWatch notices that the files which SQLite has open are no longer the ones at their paths. Without it, SQLite would go on
// writing to removed files without an error, and everything would be gone after a restart.
//
// It never opens the files: closing one would release the locks that SQLite holds on it for the whole process.
type fileWatch struct {
	path string // of the database; SQLite adds -wal and -shm to it for the others
	log  *slog.Logger

	lost atomic.Bool // nothing may be written

	// The rest belongs to run.
	files  map[string]os.FileInfo // by suffix, as they were opened
	size   int64                  // of the database, the last time that all was well
	reason string                 // why lost is set
	conn   *sql.Conn              // keeps the files open: SQLite removes the write-ahead log with its last connection
	stop   context.CancelFunc
	done   chan struct{}
}

// suffixes name SQLite's files: the database, the write-ahead log and its index.
var suffixes = []string{"", "-wal", "-shm"}

// start remembers which files are open now and watches them until close is called.
func (w *fileWatch) start(ctx context.Context, pool *sql.DB) (err error) {
	if w.conn, err = pool.Conn(ctx); err != nil {
		return err
	}
	// A connection opens the write-ahead log when it reads for the first time.
	if _, err := w.databaseSize(ctx); err != nil {
		return err
	}
	w.files = map[string]os.FileInfo{}
	for _, suffix := range suffixes {
		if w.files[suffix], err = os.Stat(w.path + suffix); err != nil {
			return err
		}
	}
	w.size = w.files[""].Size()
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	w.stop, w.done = stop, make(chan struct{})
	go w.run(running)
	return nil
}

// run checks until close stops it and waits for it.
func (w *fileWatch) run(ctx context.Context) {
	defer close(w.done)
	for {
		select {
		case <-time.After(checkFilesEvery):
			w.check(ctx)
		case <-ctx.Done():
			return
		}
	}
}

func (w *fileWatch) close() error {
	if w.stop != nil {
		w.stop()
		<-w.done
	}
	if w.conn == nil {
		return nil
	}
	return w.conn.Close()
}

// check compares the files and logs what has changed since the check before.
func (w *fileWatch) check(ctx context.Context) {
	suffix, reason := w.findLoss(ctx)
	w.lost.Store(reason != "")
	if reason != "" && suffix != "" {
		w.saveLog(ctx)
	}
	if reason == w.reason {
		return
	}
	w.reason = reason
	switch {
	case reason == "":
		w.log.InfoContext(ctx, "the database's files are back; the server writes again", "path", w.path)
	case suffix == "":
		w.log.ErrorContext(ctx, "the database's file is lost, so nothing is written any more; put the same file back, or stop the server, "+
			"restore a backup and start again. On Linux /proc/PID/fd still has removed files while the server runs",
			"path", w.path, "reason", reason, "pid", os.Getpid())
	default:
		w.log.ErrorContext(ctx, "a file that belongs to the database is lost, so nothing is written any more; put the same file back, or restart "+
			"the server: everything that was confirmed is kept in the database's own file", "path", w.path+suffix, "reason", reason)
	}
}

// findLoss returns the first file that is not the one that SQLite has open, by its suffix, and what happened to it.
func (w *fileWatch) findLoss(ctx context.Context) (suffix, reason string) {
	for _, suffix := range suffixes {
		found, err := os.Stat(w.path + suffix)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return suffix, "it was removed"
		case err != nil:
			return suffix, err.Error()
		case !os.SameFile(found, w.files[suffix]):
			return suffix, "another file is there now"
		case suffix == "" && w.isTruncated(ctx, found.Size()):
			return suffix, "it was truncated"
		}
	}
	return "", ""
}

// isTruncated tells whether the database's file has become smaller than its content. Another process may shrink both, with VACUUM.
func (w *fileWatch) isTruncated(ctx context.Context, size int64) bool {
	if size < w.size {
		content, err := w.databaseSize(ctx)
		if err != nil || size < content {
			return true
		}
	}
	w.size = size
	return false
}

// databaseSize returns the size in bytes of the database's content.
func (w *fileWatch) databaseSize(ctx context.Context) (size int64, err error) {
	err = w.conn.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&size)
	return size, err
}

// saveLog copies what only the lost write-ahead log has into the database's file, which is still the right one. It is repeated
// at each check: a reader may have been in the way.
func (w *fileWatch) saveLog(ctx context.Context) {
	var busy, pages, copied int
	err := w.conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(FULL)").Scan(&busy, &pages, &copied)
	if err != nil {
		w.log.WarnContext(ctx, "the write-ahead log could not be copied into the database's file", "path", w.path, "err", err)
	}
}

// areLost tells whether nothing may be written. A nil watch, that of MySQL, has no files to lose.
func (w *fileWatch) areLost() bool { return w != nil && w.lost.Load() }

// errFilesLost refuses to write. The watch has logged the reason once, so it is not logged again for each mark.
var errFilesLost = fmt.Errorf("%w (SQLite's files are lost)", ErrUnavailable)

// watchedConnector makes SQLite connections that write nothing while the files are lost.
type watchedConnector struct {
	driver   driver.Driver
	dsn      string
	readOnly bool
	watch    *fileWatch
}

func (c watchedConnector) Driver() driver.Driver { return c.driver }

// Connect opens nothing while the files are lost: it would make an empty database, or read another one.
func (c watchedConnector) Connect(context.Context) (driver.Conn, error) {
	if c.watch.areLost() {
		return nil, errFilesLost
	}
	conn, err := c.driver.Open(c.dsn)
	if err != nil || c.readOnly {
		return conn, err
	}
	return watchedConn{conn.(sqliteConn), c.watch}, nil
}

// sqliteConn is what the driver's connections can do.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
}

type watchedConn struct {
	sqliteConn
	watch *fileWatch
}

// BeginTx refuses to begin a transaction while the files are lost.
func (c watchedConn) BeginTx(ctx context.Context, options driver.TxOptions) (driver.Tx, error) {
	if c.watch.areLost() {
		return nil, errFilesLost
	}
	return c.sqliteConn.BeginTx(ctx, options)
}

// ExecContext refuses every statement but rollback while the files are lost.
func (c watchedConn) ExecContext(ctx context.Context, query string, values []driver.NamedValue) (driver.Result, error) {
	if c.watch.areLost() && query != rollback {
		return nil, errFilesLost
	}
	return c.sqliteConn.ExecContext(ctx, query, values)
}

// QueryContext refuses every statement while the files are lost: INSERT … RETURNING comes this way.
func (c watchedConn) QueryContext(ctx context.Context, query string, values []driver.NamedValue) (driver.Rows, error) {
	if c.watch.areLost() {
		return nil, errFilesLost
	}
	return c.sqliteConn.QueryContext(ctx, query, values)
}
