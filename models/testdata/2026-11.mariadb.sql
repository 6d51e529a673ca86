CREATE TABLE `changes` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `session_id` bigint(20) NOT NULL,
  `student_key` varbinary(256) NOT NULL,
  `student_number` tinyint(1) NOT NULL,
  `from_status` varbinary(32) NOT NULL,
  `to_status` varbinary(32) NOT NULL,
  `changed_at` bigint(20) NOT NULL,
  `changed_by_key` varbinary(256) NOT NULL,
  `changed_by_number` tinyint(1) NOT NULL,
  `by_role` varbinary(32) NOT NULL,
  `way` varbinary(32) NOT NULL,
  `reason` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (`id`),
  KEY `changes_of_session` (`session_id`)
) ENGINE=InnoDB AUTO_INCREMENT=16 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `changes` VALUES (1,1,'5',1,'','absent',1795748504790,'t1',0,'teacher','initiate','');
INSERT INTO `changes` VALUES (2,1,'asha',0,'','absent',1795748504790,'t1',0,'teacher','initiate','');
INSERT INTO `changes` VALUES (3,1,'gone',0,'','absent',1795748504790,'t1',0,'teacher','initiate','');
INSERT INTO `changes` VALUES (4,1,'soren',0,'','absent',1795748504790,'t1',0,'teacher','initiate','');
INSERT INTO `changes` VALUES (8,1,'asha',0,'absent','present',1795748504826,'asha',0,'student','rest','');
INSERT INTO `changes` VALUES (9,1,'5',1,'absent','late',1795748504876,'t1',0,'teacher','rest','');
INSERT INTO `changes` VALUES (10,1,'gone',0,'absent','excused',1795748504888,'t1',0,'teacher','rest','');
INSERT INTO `changes` VALUES (11,1,'soren',0,'absent','present',1795748504912,'t1',0,'teacher','correction','was there');
INSERT INTO `changes` VALUES (12,2,'5',1,'','absent',1795748504935,'t1',0,'teacher','initiate','');
INSERT INTO `changes` VALUES (13,2,'asha',0,'','absent',1795748504935,'t1',0,'teacher','initiate','');
INSERT INTO `changes` VALUES (14,2,'soren',0,'','absent',1795748504935,'t1',0,'teacher','initiate','');
INSERT INTO `changes` VALUES (15,2,'5',1,'absent','present',1795748504952,'t1',0,'teacher','rest','');
CREATE TABLE `classes` (
  `class_key` varbinary(256) NOT NULL,
  `class_number` tinyint(1) NOT NULL,
  `name` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `owner_key` varbinary(256) NOT NULL,
  `owner_number` tinyint(1) NOT NULL,
  `made_at` bigint(20) NOT NULL,
  `archived_at` bigint(20) NOT NULL,
  `last_at` bigint(20) NOT NULL,
  `seq` bigint(20) NOT NULL DEFAULT 0,
  PRIMARY KEY (`class_key`),
  KEY `classes_of_teacher` (`owner_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `classes` VALUES ('7',1,'Mathematics 1','t1',0,1795748504712,0,1795748504952,0);
CREATE TABLE `enrolments` (
  `class_key` varbinary(256) NOT NULL,
  `class_number` tinyint(1) NOT NULL,
  `student_key` varbinary(256) NOT NULL,
  `student_number` tinyint(1) NOT NULL,
  `student_name` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `enrolled_at` bigint(20) NOT NULL,
  `removed_at` bigint(20) NOT NULL,
  PRIMARY KEY (`class_key`,`student_key`),
  KEY `classes_of_student` (`student_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `enrolments` VALUES ('7',0,'5',1,'Zoë Müller',1795748504771,0);
INSERT INTO `enrolments` VALUES ('7',0,'asha',0,'Asha Rao',1795748504771,0);
INSERT INTO `enrolments` VALUES ('7',0,'gone',0,'Gone',1795748504771,1795748504923);
INSERT INTO `enrolments` VALUES ('7',0,'soren',0,'Søren Kierkegaard',1795748504771,0);
CREATE TABLE `events` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `stream` varbinary(260) NOT NULL,
  `seq` bigint(20) NOT NULL,
  `at` bigint(20) NOT NULL,
  `body` mediumblob NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `events_of_stream` (`stream`,`seq`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `incarnations` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `started_at` bigint(20) NOT NULL,
  `alive_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB AUTO_INCREMENT=2 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `incarnations` VALUES (1,1795748504657,1795748504657);
CREATE TABLE `marks` (
  `session_id` bigint(20) NOT NULL,
  `student_key` varbinary(256) NOT NULL,
  `student_number` tinyint(1) NOT NULL,
  `student_name` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `status` varbinary(32) NOT NULL,
  `recorded_at` bigint(20) NOT NULL,
  `recorded_by_key` varbinary(256) NOT NULL,
  `recorded_by_number` tinyint(1) NOT NULL,
  `by_teacher` tinyint(1) NOT NULL,
  PRIMARY KEY (`session_id`,`student_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `marks` VALUES (1,'5',1,'Zoë Müller','late',1795748504876,'t1',0,1);
INSERT INTO `marks` VALUES (1,'asha',0,'Asha Rao','present',1795748504826,'asha',0,0);
INSERT INTO `marks` VALUES (1,'gone',0,'Gone','excused',1795748504888,'t1',0,1);
INSERT INTO `marks` VALUES (1,'soren',0,'Søren Kierkegaard','present',1795748504912,'t1',0,1);
INSERT INTO `marks` VALUES (2,'5',1,'Zoë Müller','present',1795748504952,'t1',0,1);
INSERT INTO `marks` VALUES (2,'asha',0,'Asha Rao','absent',1795748504935,'t1',0,0);
INSERT INTO `marks` VALUES (2,'soren',0,'Søren Kierkegaard','absent',1795748504935,'t1',0,0);
CREATE TABLE `migrations` (
  `id` varchar(255) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `migrations` VALUES ('2026-01 first tables');
INSERT INTO `migrations` VALUES ('2026-11 lines of rosters that are being saved');
INSERT INTO `migrations` VALUES ('2026-11 log of the events of each class');
INSERT INTO `migrations` VALUES ('2026-11 memberships outlive the process');
INSERT INTO `migrations` VALUES ('2026-11 names that came with marks are on the roster');
INSERT INTO `migrations` VALUES ('2026-11 properties of the database');
INSERT INTO `migrations` VALUES ('2026-11 sessions are found by their end');
INSERT INTO `migrations` VALUES ('2026-11 what the clock said when a session was started or ended');
CREATE TABLE `presence` (
  `class_key` varbinary(256) NOT NULL,
  `user_role` varbinary(32) NOT NULL,
  `user_key` varbinary(256) NOT NULL,
  `incarnation` bigint(20) NOT NULL,
  `label` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `lost_at` bigint(20) NOT NULL,
  PRIMARY KEY (`class_key`,`user_role`,`user_key`,`incarnation`),
  KEY `presence_of_incarnation` (`incarnation`,`lost_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `properties` (
  `name` varbinary(32) NOT NULL,
  `value` varbinary(32) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `readiness` (
  `id` bigint(20) NOT NULL,
  `checked_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `readiness` VALUES (1,1795748504680);
CREATE TABLE `roster_lines` (
  `upload` bigint(20) NOT NULL,
  `student_key` varbinary(256) NOT NULL,
  `student_number` tinyint(1) NOT NULL,
  `student_name` varchar(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `made_at` bigint(20) NOT NULL,
  PRIMARY KEY (`upload`,`student_key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
CREATE TABLE `sessions` (
  `id` bigint(20) NOT NULL AUTO_INCREMENT,
  `class_key` varbinary(256) NOT NULL,
  `class_number` tinyint(1) NOT NULL,
  `day` varbinary(32) NOT NULL,
  `session_type` varbinary(32) NOT NULL,
  `state` varbinary(32) NOT NULL,
  `teacher_key` varbinary(256) NOT NULL,
  `teacher_number` tinyint(1) NOT NULL,
  `frequency` text DEFAULT NULL,
  `started_at` bigint(20) NOT NULL,
  `ended_at` bigint(20) NOT NULL,
  `clock_at` bigint(20) NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE KEY `one_session` (`class_key`,`day`,`session_type`),
  KEY `sessions_by_state` (`state`,`class_key`),
  KEY `sessions_by_end` (`class_key`,`ended_at`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
INSERT INTO `sessions` VALUES (1,'7',1,'2026-11-27','lecture','completed','t1',0,'[1200,1800]',1795748504790,1795748504900,1795748504901);
INSERT INTO `sessions` VALUES (2,'7',1,'2026-11-27','lab','active','t1',0,NULL,1795748504935,0,1795748504936);
