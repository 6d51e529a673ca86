// What the database holds of the classes, read with MariaDB's own client.

const text = (column) => `CONVERT(${column} USING utf8mb4)`;

/**
 * The history: marks are the changes that the audit trail has (id, classId, sessionType, studentId, status, at, by, way), sessions the
 * sessions (classId, sessionType, startedAt, endedAt: 0 while active), records the marks as they stand (classId, sessionType,
 * studentId, status, at). Times are in milliseconds.
 */
export async function readHistory(mariadb, database) {
  const session = `${text("s.class_key")}, ${text("s.session_type")}`;
  const [marks, sessions, records] = await Promise.all(
    [
      `SELECT c.id, ${session}, ${text("c.student_key")}, ${text("c.to_status")}, c.changed_at, ${text("c.changed_by_key")}, ${text("c.way")}
        FROM changes c JOIN sessions s ON s.id = c.session_id ORDER BY c.id`,
      `SELECT ${session}, s.started_at, s.ended_at FROM sessions s ORDER BY s.id`,
      `SELECT ${session}, ${text("m.student_key")}, ${text("m.status")}, m.recorded_at
        FROM marks m JOIN sessions s ON s.id = m.session_id`,
    ].map((query) => mariadb.rows(database, query)),
  );
  return {
    marks: marks.map(([id, classId, sessionType, studentId, status, at, by, way]) => ({
      id: Number(id), classId, sessionType, studentId, status, at: Number(at), by, way,
    })),
    sessions: sessions.map(([classId, sessionType, startedAt, endedAt]) => ({
      classId, sessionType, startedAt: Number(startedAt), endedAt: Number(endedAt),
    })),
    records: records.map(([classId, sessionType, studentId, status, at]) => ({ classId, sessionType, studentId, status, at: Number(at) })),
  };
}
