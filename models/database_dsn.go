package models

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// No error about a DSN holds any of its values, because a typing mistake can put the password anywhere. The driver's errors do, so
// each is replaced by a sentence of this file.

var (
	errDSNForm = errors.New("the DSN is not of the form user:password@tcp(host:port)/database?parameters or " +
		"user:password@unix(/path/to/socket)/database?parameters")
	errDSNDatabase   = errors.New("the DSN names no database (…/database)")
	errDSNCharacters = errors.New("the DSN holds a line break or another control character; write it in one line")
	errDSNAddress    = errors.New("the DSN's address is not of the form tcp(host:port), with a port from 1 to 65535, or unix(/path/to/socket)")
)

// fixedVariables are those that the rest of this package relies on. What a DSN says of them does not count.
var fixedVariables = map[string]string{
	"autocommit":               "1",
	"time_zone":                "'+00:00'",
	"sql_mode":                 "'TRADITIONAL'",
	"innodb_lock_wait_timeout": lockSeconds,
	"lock_wait_timeout":        lockSeconds,
	"tx_isolation":             "", // readCommitted sets it
	"transaction_isolation":    "",
}

// freeVariables are the other variables of a server that a DSN may set.
var freeVariables = []string{
	"group_replication_consistency", "max_execution_time", "max_statement_time", "net_read_timeout", "net_write_timeout",
	"optimizer_switch", "wait_timeout", "wsrep_sync_wait",
}

// mysqlConfig takes the user's DSN and sets what the rest of this package relies on.
func mysqlConfig(dsn string) (*mysql.Config, error) {
	dsn = strings.TrimSpace(dsn) // a secret that was made with echo ends with a line break
	if strings.ContainsFunc(dsn, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, errDSNCharacters
	}
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, dsnFailure(dsn)
	}
	if config.DBName == "" {
		return nil, errDSNDatabase
	}
	if !validAddress(config.Net, config.Addr) {
		return nil, errDSNAddress
	}
	if config.Params, err = variables(config.Params); err != nil {
		return nil, err
	}
	if err := config.Apply(mysql.Charset("utf8mb4", "utf8mb4_bin")); err != nil {
		return nil, err
	}
	config.ParseTime = true
	config.Loc = time.UTC
	config.InterpolateParams = true // saves preparing and closing each statement
	config.ClientFoundRows = false  // RowsAffected decides who won
	config.MultiStatements = false
	config.AllowAllFiles = false
	config.Timeout = atMost(config.Timeout, connectTimeout)
	config.ReadTimeout = atMost(config.ReadTimeout, statementTimeout)
	config.WriteTimeout = atMost(config.WriteTimeout, statementTimeout)
	config.Logger = &mysql.NopLogger{} // the errors are returned as well
	return config, nil
}

// atMost returns the time that the DSN asks for, which is zero if it asks for none, but no more than limit.
func atMost(asked, limit time.Duration) time.Duration { return min(cmp.Or(asked, limit), limit) }

// dsnFailure says what is wrong with a DSN that the driver cannot read: the parameter, if it can read the rest.
func dsnFailure(dsn string) error {
	server, parameters, _ := strings.Cut(dsn[strings.LastIndexByte(dsn, '/')+1:], "?")
	for parameter := range strings.SplitSeq(parameters, "&") {
		if _, err := mysql.ParseDSN("/?" + parameter); err != nil {
			name, _, _ := strings.Cut(parameter, "=")
			return fmt.Errorf("the DSN's parameter %s has a value that cannot be used", parameterName(name))
		}
	}
	if strings.Contains(server, "%") {
		return errDSNDatabase
	}
	return errDSNForm
}

// variables returns the variables that a connection sets, given those in its DSN.
func variables(asked map[string]string) (map[string]string, error) {
	set := map[string]string{}
	for given, value := range asked {
		name := strings.ToLower(given)
		if _, fixed := fixedVariables[name]; fixed {
			continue
		}
		if !slices.Contains(freeVariables, name) {
			return nil, fmt.Errorf("the DSN's parameter %s is unknown: neither the driver has it, nor is it one of %s",
				parameterName(given), strings.Join(freeVariables, ", "))
		}
		set[name] = value
	}
	for name, value := range fixedVariables {
		if value != "" {
			set[name] = value
		}
	}
	return set, nil
}

var looksLikeName = regexp.MustCompile(`^[A-Za-z_]{1,40}$`)

// parameterName quotes the name of a parameter, if it looks like one.
func parameterName(name string) string {
	if !looksLikeName.MatchString(name) {
		return "(which has no proper name)"
	}
	return strconv.Quote(name)
}

var looksLikeHost = regexp.MustCompile(`^[A-Za-z0-9._:%-]+$`)

// validAddress tells whether an address may be dialled, and logged.
func validAddress(network, address string) bool {
	if network == "unix" {
		return strings.HasPrefix(address, "/") || strings.HasPrefix(address, "@")
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil || network != "tcp" {
		return false
	}
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && number > 0 && looksLikeHost.MatchString(host)
}

// connectFailure says why a server takes no connection, or no schema, of the DSN. Errors that pass by themselves stay as they are.
func connectFailure(err error) error {
	var answer *mysql.MySQLError
	if !errors.As(err, &answer) || isUnavailable(err) && !slices.Contains(mysqlRights, answer.Number) {
		return err
	}
	var text string
	switch answer.Number {
	case 1045, 1698:
		text = "Access denied: the DSN's user name or password is wrong, or this user may not connect from this host"
	case 1044, 1142, 1143, 1227, 1370:
		// "CREATE command denied to user 'x'@'y' for table 'z'" without whatever the DSN says.
		text, _, _ = strings.Cut(answer.Message, " to user ")
		text, _, _ = strings.Cut(text, " for user ")
		text += " to the DSN's user, who needs all rights on its database"
	case 1049:
		text = "Unknown database: the database that the DSN names does not exist; create it first"
	case 1130:
		text = "the database server takes no connections from this host"
	case 1193, 1231, 1232, 1238:
		text = "the database server refuses a variable that the DSN sets; it may set " + strings.Join(freeVariables, ", ")
	default:
		return err
	}
	return fmt.Errorf("%s (error %d)", text, answer.Number)
}
