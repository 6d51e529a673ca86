package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"

	"github.com/neuracampus/attendance/models"
)

// backup copies the SQLite database. A MySQL server has programs of its own for that.
func backup(ctx context.Context, p Process, arguments []string) error {
	given, err := parse(flag.NewFlagSet("backup", flag.ContinueOnError), arguments, 1)
	if err != nil {
		return err
	}
	if len(given) == 0 {
		return wrongUsage("backup: name the file to write")
	}
	known, err := p.settings()
	if err != nil {
		return err
	}
	if known.DatabaseDSN != "" {
		return errors.New("the data is in MySQL or MariaDB: use its own program, which works while the server runs, " +
			"such as mariadb-dump --single-transaction attendance > attendance-backup.sql")
	}
	if err := models.Backup(ctx, known.DataDir, given[0]); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Stdout, "the database is copied to %s; to restore it, stop the server, move the files away whose names begin with %s, "+
		"and put the copy in their place under that name\n", given[0], filepath.Join(known.DataDir, "attendance.db"))
	return err
}
