package models

import "strings"

// The schema's own column types. Ids are compared byte by byte: VARBINARY, because every text collation that MySQL and
// MariaDB share ignores trailing spaces; TEXT, because SQLite compares that exactly and turns "05" in a VARBINARY
// column into the number 5.
var (
	mysqlTypes = strings.NewReplacer(
		"SERIAL_ID", "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
		"ID_KEY", "VARBINARY(256) NOT NULL",
		"NAME", "VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
		"WORD", "VARBINARY(32) NOT NULL",
		"STREAM", "VARBINARY(260) NOT NULL",
		"BODY", "MEDIUMBLOB NOT NULL",
		"TABLE_END", ") ENGINE=InnoDB",
	)
	sqliteTypes = strings.NewReplacer(
		"SERIAL_ID", "INTEGER NOT NULL PRIMARY KEY",
		"ID_KEY", "TEXT NOT NULL",
		"NAME", "TEXT NOT NULL",
		"WORD", "TEXT NOT NULL",
		"STREAM", "TEXT NOT NULL",
		"BODY", "BLOB NOT NULL",
		"TABLE_END", ")",
	)
)

// migrations are only ever appended to, and only add, so that this version and a newer one run side by side. There are no
// foreign keys: rows that others point to are never deleted, and checking them would lock the class's row at
// every join.
var migrations = []struct {
	id         string
	statements []string
}{
	{"2026-01 first tables", []string{
		`CREATE TABLE classes (
			class_key    ID_KEY PRIMARY KEY,
			class_number BOOLEAN NOT NULL,
			name         NAME,
			owner_key    ID_KEY,
			owner_number BOOLEAN NOT NULL,
			made_at      BIGINT NOT NULL,
			archived_at  BIGINT NOT NULL,
			last_at      BIGINT NOT NULL
		TABLE_END`,
		`CREATE INDEX classes_of_teacher ON classes (owner_key)`,
		`CREATE TABLE enrolments (
			class_key      ID_KEY,
			class_number   BOOLEAN NOT NULL,
			student_key    ID_KEY,
			student_number BOOLEAN NOT NULL,
			student_name   NAME,
			enrolled_at    BIGINT NOT NULL,
			removed_at     BIGINT NOT NULL,
			PRIMARY KEY (class_key, student_key)
		TABLE_END`,
		`CREATE INDEX classes_of_student ON enrolments (student_key)`,
		`CREATE TABLE sessions (
			id             SERIAL_ID,
			class_key      ID_KEY,
			class_number   BOOLEAN NOT NULL,
			day            WORD,
			session_type   WORD,
			state          WORD,
			teacher_key    ID_KEY,
			teacher_number BOOLEAN NOT NULL,
			frequency      TEXT,
			started_at     BIGINT NOT NULL,
			ended_at       BIGINT NOT NULL
		TABLE_END`,
		`CREATE UNIQUE INDEX one_session ON sessions (class_key, day, session_type)`,
		`CREATE INDEX sessions_by_state ON sessions (state, class_key)`,
		`CREATE TABLE marks (
			session_id         BIGINT NOT NULL,
			student_key        ID_KEY,
			student_number     BOOLEAN NOT NULL,
			student_name       NAME,
			status             WORD,
			recorded_at        BIGINT NOT NULL,
			recorded_by_key    ID_KEY,
			recorded_by_number BOOLEAN NOT NULL,
			by_teacher         BOOLEAN NOT NULL,
			PRIMARY KEY (session_id, student_key)
		TABLE_END`,
		`CREATE TABLE changes (
			id                SERIAL_ID,
			session_id        BIGINT NOT NULL,
			student_key       ID_KEY,
			student_number    BOOLEAN NOT NULL,
			from_status       WORD,
			to_status         WORD,
			changed_at        BIGINT NOT NULL,
			changed_by_key    ID_KEY,
			changed_by_number BOOLEAN NOT NULL,
			by_role           WORD,
			way               WORD,
			reason            NAME
		TABLE_END`,
		`CREATE INDEX changes_of_session ON changes (session_id)`,
		`CREATE TABLE readiness (id BIGINT NOT NULL PRIMARY KEY, checked_at BIGINT NOT NULL TABLE_END`,
		`INSERT INTO readiness (id, checked_at) VALUES (1, 0)`,
	}},
	{"2026-11 properties of the database", []string{
		`CREATE TABLE properties (name WORD PRIMARY KEY, value WORD TABLE_END`,
	}},
	{"2026-11 what the clock said when a session was started or ended", []string{
		`ALTER TABLE sessions ADD COLUMN clock_at BIGINT NOT NULL DEFAULT 0`,
		`UPDATE sessions SET clock_at = CASE WHEN state = 'active' THEN started_at ELSE ended_at END WHERE clock_at = 0`,
	}},
	{"2026-11 names that came with marks are on the roster", []string{
		`UPDATE enrolments SET student_name = COALESCE((SELECT m.student_name FROM sessions s
			JOIN marks m ON m.session_id = s.id AND m.student_key = enrolments.student_key
			WHERE s.class_key = enrolments.class_key AND m.student_name <> ''
			ORDER BY m.recorded_at DESC, s.id DESC LIMIT 1), '') WHERE student_name = ''`,
	}},
	{"2026-11 lines of rosters that are being saved", []string{
		`CREATE TABLE roster_lines (
			upload         BIGINT NOT NULL,
			student_key    ID_KEY,
			student_number BOOLEAN NOT NULL,
			student_name   NAME,
			made_at        BIGINT NOT NULL,
			PRIMARY KEY (upload, student_key)
		TABLE_END`,
	}},
	{"2026-11 memberships outlive the process", []string{
		`CREATE TABLE incarnations (id SERIAL_ID, started_at BIGINT NOT NULL, alive_at BIGINT NOT NULL TABLE_END`,
		`CREATE TABLE presence (
			class_key   ID_KEY,
			user_role   WORD,
			user_key    ID_KEY,
			incarnation BIGINT NOT NULL,
			label       NAME,
			lost_at     BIGINT NOT NULL,
			PRIMARY KEY (class_key, user_role, user_key, incarnation)
		TABLE_END`,
		`CREATE INDEX presence_of_incarnation ON presence (incarnation, lost_at)`,
	}},
	{"2026-11 sessions are found by their end", []string{
		`CREATE INDEX sessions_by_end ON sessions (class_key, ended_at)`,
	}},
	{"2026-11 log of the events of each class", []string{
		`ALTER TABLE classes ADD COLUMN seq BIGINT NOT NULL DEFAULT 0`,
		`CREATE TABLE events (id SERIAL_ID, stream STREAM, seq BIGINT NOT NULL, at BIGINT NOT NULL, body BODY TABLE_END`,
		`CREATE UNIQUE INDEX events_of_stream ON events (stream, seq)`,
	}},
	{"2026-11 several teachers of a class", []string{
		`CREATE TABLE class_teachers (
			class_key      ID_KEY,
			teacher_key    ID_KEY,
			teacher_number BOOLEAN NOT NULL,
			added_at       BIGINT NOT NULL,
			PRIMARY KEY (class_key, teacher_key)
		TABLE_END`,
		`CREATE INDEX classes_of_other_teacher ON class_teachers (teacher_key)`,
	}},
	{"2026-11 servers that use the database", []string{
		`CREATE TABLE nodes (id SERIAL_ID, name WORD, host NAME, pid BIGINT NOT NULL, started_at BIGINT NOT NULL TABLE_END`,
	}},
	{"2026-11 what the students of a class see of each other", []string{
		`ALTER TABLE classes ADD COLUMN visibility WORD DEFAULT 'class'`,
	}},
	{"2026-11 erased students", []string{
		`CREATE TABLE erasures (pseudonym ID_KEY PRIMARY KEY, erased_at BIGINT NOT NULL TABLE_END`,
	}},
	{"2026-11 sessions without students", []string{
		`ALTER TABLE sessions ADD COLUMN forgotten_at BIGINT NOT NULL DEFAULT 0`,
	}},
	{"2026-11 rules of classes and of their sessions", []string{
		`ALTER TABLE classes ADD COLUMN proof WORD DEFAULT ''`,
		`ALTER TABLE classes ADD COLUMN late_after BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE classes ADD COLUMN ends_after BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE sessions ADD COLUMN proof WORD DEFAULT ''`,
		`ALTER TABLE sessions ADD COLUMN late_at BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE sessions ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE sessions ADD COLUMN secret WORD DEFAULT ''`,
	}},
	{"2026-11 clock of the codes", []string{
		`INSERT INTO properties (name, value) VALUES ('code_clock', '0')`,
	}},
	{"2026-11 leases of servers", []string{
		`ALTER TABLE nodes ADD COLUMN alive_at BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE nodes ADD COLUMN draining_at BIGINT NOT NULL DEFAULT 0`,
		`ALTER TABLE nodes ADD COLUMN gone_at BIGINT NOT NULL DEFAULT 0`,
	}},
	{"2026-11 who is in which class on which node", []string{
		`CREATE TABLE rooms (class_key ID_KEY PRIMARY KEY, seq BIGINT NOT NULL TABLE_END`,
		`CREATE TABLE node_presence (
			class_key   ID_KEY,
			user_role   WORD,
			user_key    ID_KEY,
			incarnation BIGINT NOT NULL,
			user_number BOOLEAN NOT NULL,
			label       NAME,
			here        BOOLEAN NOT NULL,
			lost_at     BIGINT NOT NULL,
			seen_at     BIGINT NOT NULL,
			PRIMARY KEY (class_key, user_role, user_key, incarnation)
		TABLE_END`,
		`CREATE INDEX node_presence_of_user ON node_presence (user_key, user_role)`,
		`CREATE INDEX node_presence_of_node ON node_presence (incarnation, here, class_key)`,
		`CREATE INDEX node_presence_by_loss ON node_presence (here, lost_at)`,
	}},
	{"2026-11 flags of sessions", []string{
		`CREATE TABLE flags (
			session_id          BIGINT NOT NULL,
			number              BIGINT NOT NULL,
			kind                WORD,
			raised_at           BIGINT NOT NULL,
			dismissed_at        BIGINT NOT NULL,
			dismissed_by_key    ID_KEY,
			dismissed_by_number BOOLEAN NOT NULL,
			reason              NAME,
			PRIMARY KEY (session_id, number)
		TABLE_END`,
		`CREATE TABLE flag_students (
			session_id     BIGINT NOT NULL,
			number         BIGINT NOT NULL,
			student_key    ID_KEY,
			student_number BOOLEAN NOT NULL,
			PRIMARY KEY (session_id, number, student_key)
		TABLE_END`,
		`CREATE TABLE mark_devices (
			session_id     BIGINT NOT NULL,
			device         WORD,
			student_key    ID_KEY,
			student_number BOOLEAN NOT NULL,
			PRIMARY KEY (session_id, device, student_key)
		TABLE_END`,
	}},
	{"2026-11 when records of a class changed other than by marks", []string{
		`ALTER TABLE classes ADD COLUMN rewritten_at BIGINT NOT NULL DEFAULT 0`,
	}},
}
