package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/server/app"
	"github.com/neuracampus/attendance/server/cluster"
	"github.com/neuracampus/attendance/server/config"
	"github.com/neuracampus/attendance/server/identity"
)

const (
	// checkTimeout bounds each part of the check.
	checkTimeout = 15 * time.Second
	// clockTolerance is how far the database's clock may be from this one's.
	clockTolerance = 2 * time.Second
	// wantedFiles is how many open files a server should be allowed: each client needs one, or two while it changes its transport.
	wantedFiles = 4096
)

// errFaults is the error after which check has printed its lines.
var errFaults = errors.New("the server would not work as it should")

// check prints one line for each part, and fails if one of them has a fault.
func check(ctx context.Context, p Process, arguments []string) error {
	if err := refuseArguments("check", arguments); err != nil {
		return err
	}
	known, err := p.settings()
	if err != nil {
		return err
	}
	faulty := false
	report := func(part, found string, faults ...error) {
		for _, fault := range faults {
			if fault != nil {
				faulty = true
				_, _ = fmt.Fprintf(p.Stdout, "FAULT %s: %v\n", part, fault) // there is nowhere else to say it
				found = ""
			}
		}
		if found != "" {
			_, _ = fmt.Fprintf(p.Stdout, "ok    %s: %s\n", part, found)
		}
	}
	report("settings", "they make sense")
	for _, warning := range known.Warnings {
		_, _ = fmt.Fprintf(p.Stdout, "note  settings: %s\n", warning)
	}
	found, faults := checkDatabase(ctx, known)
	report("database", found, faults...)
	if known.RedisURL != "" {
		report("Redis", "it answers", withTimeout(ctx, func(ctx context.Context) error { return cluster.CheckRedis(ctx, string(known.RedisURL)) }))
	}
	if known.JWTJWKSURL != "" {
		report("keys of the tokens", "they can be fetched", withTimeout(ctx, func(ctx context.Context) error { return fetchKeys(ctx, known) }))
	}
	if known.TLSCert != "" {
		found, err = checkCertificate(known)
		report("certificate", found, err)
	}
	found, err = checkOpenFiles()
	report("open files", found, err)
	if faulty {
		return errFaults
	}
	return nil
}

func withTimeout(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	return do(ctx)
}

func checkDatabase(ctx context.Context, known config.Config) (found string, faults []error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	inspection, err := models.Inspect(ctx, models.Options{DSN: string(known.DatabaseDSN), DataDir: known.DataDir})
	if err != nil {
		return "", []error{err}
	}
	for _, missing := range inspection.Missing {
		faults = append(faults, errors.New(missing))
	}
	if inspection.Ahead.Abs() > clockTolerance {
		faults = append(faults, fmt.Errorf("its clock is %v away from the clock of this machine; run a time service on both", inspection.Ahead.Abs()))
	}
	found = inspection.Name
	if inspection.Pending > 0 {
		found += fmt.Sprintf("; the next start brings its tables up to date (%d steps)", inspection.Pending)
	}
	if known.Cluster && inspection.Early {
		found += "; it needs log_bin=ON and sync_binlog=1 so that other nodes tell nobody of a mark that is lost if it crashes"
	}
	if inspection.Foreign > 0 {
		found += "; a newer version of this program has used it, which is no harm"
	}
	return found, faults
}

func fetchKeys(ctx context.Context, known config.Config) error {
	_, err := identity.New(ctx, verifierOptions(known))
	return err
}

func checkCertificate(known config.Config) (found string, err error) {
	certificate, err := app.LoadCertificate(known.TLSCert, known.TLSKey)
	if err != nil {
		return "", err
	}
	last := certificate.Leaf.NotAfter
	if time.Now().After(last) {
		return "", fmt.Errorf("it was valid until %s; renew it", last.UTC().Format(time.RFC3339))
	}
	return "valid until " + last.UTC().Format(time.RFC3339), nil
}
