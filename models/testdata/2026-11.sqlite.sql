PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE `migrations` (`id` text,PRIMARY KEY (`id`));
INSERT INTO migrations VALUES('2026-01 first tables');
INSERT INTO migrations VALUES('2026-11 properties of the database');
INSERT INTO migrations VALUES('2026-11 what the clock said when a session was started or ended');
INSERT INTO migrations VALUES('2026-11 names that came with marks are on the roster');
INSERT INTO migrations VALUES('2026-11 lines of rosters that are being saved');
INSERT INTO migrations VALUES('2026-11 memberships outlive the process');
INSERT INTO migrations VALUES('2026-11 sessions are found by their end');
INSERT INTO migrations VALUES('2026-11 log of the events of each class');
CREATE TABLE classes (
			class_key    TEXT NOT NULL PRIMARY KEY,
			class_number BOOLEAN NOT NULL,
			name         TEXT NOT NULL,
			owner_key    TEXT NOT NULL,
			owner_number BOOLEAN NOT NULL,
			made_at      BIGINT NOT NULL,
			archived_at  BIGINT NOT NULL,
			last_at      BIGINT NOT NULL
		, seq BIGINT NOT NULL DEFAULT 0);
INSERT INTO classes VALUES('7',1,'Mathematics 1','t1',0,1795748491063,0,1795748491471,0);
CREATE TABLE enrolments (
			class_key      TEXT NOT NULL,
			class_number   BOOLEAN NOT NULL,
			student_key    TEXT NOT NULL,
			student_number BOOLEAN NOT NULL,
			student_name   TEXT NOT NULL,
			enrolled_at    BIGINT NOT NULL,
			removed_at     BIGINT NOT NULL,
			PRIMARY KEY (class_key, student_key)
		);
INSERT INTO enrolments VALUES('7',0,'5',1,'Zoë Müller',1795748491079,0);
INSERT INTO enrolments VALUES('7',0,'asha',0,'Asha Rao',1795748491079,0);
INSERT INTO enrolments VALUES('7',0,'gone',0,'Gone',1795748491079,1795748491386);
INSERT INTO enrolments VALUES('7',0,'soren',0,'Søren Kierkegaard',1795748491079,0);
CREATE TABLE sessions (
			id             INTEGER NOT NULL PRIMARY KEY,
			class_key      TEXT NOT NULL,
			class_number   BOOLEAN NOT NULL,
			day            TEXT NOT NULL,
			session_type   TEXT NOT NULL,
			state          TEXT NOT NULL,
			teacher_key    TEXT NOT NULL,
			teacher_number BOOLEAN NOT NULL,
			frequency      TEXT,
			started_at     BIGINT NOT NULL,
			ended_at       BIGINT NOT NULL
		, clock_at BIGINT NOT NULL DEFAULT 0);
INSERT INTO sessions VALUES(1,'7',1,'2026-11-27','lecture','completed','t1',0,'[1200,1800]',1795748491145,1795748491331,1795748491331);
INSERT INTO sessions VALUES(2,'7',1,'2026-11-27','lab','active','t1',0,NULL,1795748491435,0,1795748491435);
CREATE TABLE marks (
			session_id         BIGINT NOT NULL,
			student_key        TEXT NOT NULL,
			student_number     BOOLEAN NOT NULL,
			student_name       TEXT NOT NULL,
			status             TEXT NOT NULL,
			recorded_at        BIGINT NOT NULL,
			recorded_by_key    TEXT NOT NULL,
			recorded_by_number BOOLEAN NOT NULL,
			by_teacher         BOOLEAN NOT NULL,
			PRIMARY KEY (session_id, student_key)
		);
INSERT INTO marks VALUES(1,'5',1,'Zoë Müller','late',1795748491271,'t1',0,1);
INSERT INTO marks VALUES(1,'asha',0,'Asha Rao','present',1795748491260,'asha',0,0);
INSERT INTO marks VALUES(1,'gone',0,'Gone','excused',1795748491312,'t1',0,1);
INSERT INTO marks VALUES(1,'soren',0,'Søren Kierkegaard','present',1795748491375,'t1',0,1);
INSERT INTO marks VALUES(2,'5',1,'Zoë Müller','present',1795748491471,'t1',0,1);
INSERT INTO marks VALUES(2,'asha',0,'Asha Rao','absent',1795748491435,'t1',0,0);
INSERT INTO marks VALUES(2,'soren',0,'Søren Kierkegaard','absent',1795748491435,'t1',0,0);
CREATE TABLE changes (
			id                INTEGER NOT NULL PRIMARY KEY,
			session_id        BIGINT NOT NULL,
			student_key       TEXT NOT NULL,
			student_number    BOOLEAN NOT NULL,
			from_status       TEXT NOT NULL,
			to_status         TEXT NOT NULL,
			changed_at        BIGINT NOT NULL,
			changed_by_key    TEXT NOT NULL,
			changed_by_number BOOLEAN NOT NULL,
			by_role           TEXT NOT NULL,
			way               TEXT NOT NULL,
			reason            TEXT NOT NULL
		);
INSERT INTO changes VALUES(1,1,'5',1,'','absent',1795748491145,'t1',0,'teacher','initiate','');
INSERT INTO changes VALUES(2,1,'asha',0,'','absent',1795748491145,'t1',0,'teacher','initiate','');
INSERT INTO changes VALUES(3,1,'gone',0,'','absent',1795748491145,'t1',0,'teacher','initiate','');
INSERT INTO changes VALUES(4,1,'soren',0,'','absent',1795748491145,'t1',0,'teacher','initiate','');
INSERT INTO changes VALUES(5,1,'asha',0,'absent','present',1795748491260,'asha',0,'student','rest','');
INSERT INTO changes VALUES(6,1,'5',1,'absent','late',1795748491271,'t1',0,'teacher','rest','');
INSERT INTO changes VALUES(7,1,'gone',0,'absent','excused',1795748491312,'t1',0,'teacher','rest','');
INSERT INTO changes VALUES(8,1,'soren',0,'absent','present',1795748491375,'t1',0,'teacher','correction','was there');
INSERT INTO changes VALUES(9,2,'5',1,'','absent',1795748491435,'t1',0,'teacher','initiate','');
INSERT INTO changes VALUES(10,2,'asha',0,'','absent',1795748491435,'t1',0,'teacher','initiate','');
INSERT INTO changes VALUES(11,2,'soren',0,'','absent',1795748491435,'t1',0,'teacher','initiate','');
INSERT INTO changes VALUES(12,2,'5',1,'absent','present',1795748491471,'t1',0,'teacher','rest','');
CREATE TABLE readiness (id BIGINT NOT NULL PRIMARY KEY, checked_at BIGINT NOT NULL );
INSERT INTO readiness VALUES(1,1795748491037);
CREATE TABLE properties (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL );
CREATE TABLE roster_lines (
			upload         BIGINT NOT NULL,
			student_key    TEXT NOT NULL,
			student_number BOOLEAN NOT NULL,
			student_name   TEXT NOT NULL,
			made_at        BIGINT NOT NULL,
			PRIMARY KEY (upload, student_key)
		);
CREATE TABLE incarnations (id INTEGER NOT NULL PRIMARY KEY, started_at BIGINT NOT NULL, alive_at BIGINT NOT NULL );
INSERT INTO incarnations VALUES(1,1795748490551,1795748490551);
CREATE TABLE presence (
			class_key   TEXT NOT NULL,
			user_role   TEXT NOT NULL,
			user_key    TEXT NOT NULL,
			incarnation BIGINT NOT NULL,
			label       TEXT NOT NULL,
			lost_at     BIGINT NOT NULL,
			PRIMARY KEY (class_key, user_role, user_key, incarnation)
		);
CREATE TABLE events (id INTEGER NOT NULL PRIMARY KEY, stream TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, body BLOB NOT NULL );
CREATE INDEX classes_of_teacher ON classes (owner_key);
CREATE INDEX classes_of_student ON enrolments (student_key);
CREATE UNIQUE INDEX one_session ON sessions (class_key, day, session_type);
CREATE INDEX sessions_by_state ON sessions (state, class_key);
CREATE INDEX changes_of_session ON changes (session_id);
CREATE INDEX presence_of_incarnation ON presence (incarnation, lost_at);
CREATE INDEX sessions_by_end ON sessions (class_key, ended_at);
CREATE UNIQUE INDEX events_of_stream ON events (stream, seq);
COMMIT;
