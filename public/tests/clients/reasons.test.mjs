// A refusal carries a word for programs: in acknowledgements, and in REST problems. The events that frontends show carry the
// sentence alone, as ever.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Client, versionKinds } from "./client.mjs";
import { serversOfBothModes } from "./server.mjs";
import { token } from "./token.mjs";

describe("the reason of a refusal", { concurrency: 3 }, () => {
  const servers = serversOfBothModes();

  for (const kind of versionKinds) {
    test(`comes to the acknowledgements of ${kind.version} over ${kind.transport}`, async (t) => {
      const client = await Client.connect(servers.open, kind);
      t.after(() => client.close());
      const userId = `student ${kind.version}`;
      const classId = `reasons ${kind.version}`;
      const session = { classId, sessionType: "lecture" };
      await client.ask("identify", { userId, role: "student" });
      await client.ask("joinClass", { userId, classId });
      for (const [event, data, reason, told] of [
        ["attendanceMarked", { ...session, studentId: userId }, "no_active_session", "attendance:error"],
        ["student:markAttendance", { ...session, studentId: "another" }, "not_your_mark", "attendance:error"],
        ["teacher:startAttendance", { ...session, teacherId: userId }, "only_teachers", "attendance:error"],
        ["joinClass", { userId: "another", classId }, "user_differs", "class:error"],
        ["leaveClass", {}, "missing_parameters", "class:error"],
        ["fetchAttendance", { ...session, date: "yesterday" }, "invalid_date", "attendanceData"],
      ]) {
        const answer = await client.ask(event, data);
        assert.equal(answer.success, false, event);
        assert.equal(answer.reason, reason, event);
        const message = await client.next(told);
        assert.equal(message.message, answer.message, event);
        assert.ok(!("reason" in message), `${told} has a key that the protocol does not have`);
      }
      assert.deepEqual(await client.ask("no such event", {}), { success: false, message: "There is no such event", reason: "unknown_event" });
      client.emit("no such event", {}); // ignored
      await client.roundTrip();
      assert.deepEqual(client.unread, []);
    });
  }

  test("comes in REST problems", async () => {
    const bearer = (...made) => ({ Authorization: `Bearer ${token(...made)}` });
    const claims = { sub: "teacher", role: "teacher" };
    const past = Math.floor(Date.now() / 1000) - 3_600;
    for (const [server, path, headers, status, reason] of [
      [servers.open, "/api/classes", {}, 401, "user_missing"],
      [servers.open, "/api/classes", { "X-User": "t", "X-Role": "queen" }, 401, "invalid_role"],
      [servers.open, "/api/classes/none", { "X-User": "t" }, 404, "class_not_found"],
      [servers.open, "/api/nothing", { "X-User": "t" }, 404, "no_route"],
      [servers.open, "/api/sessions/x", { "X-User": "t" }, 404, "session_not_found"],
      [servers.signed, "/api/classes", {}, 401, "token_missing"],
      [servers.signed, "/api/classes", { Authorization: "Bearer nonsense" }, 401, "token_invalid"],
      [servers.signed, "/api/classes", bearer(claims, { key: "another secret of the same length, 012345" }), 401, "token_invalid"],
      [servers.signed, "/api/classes", bearer({ ...claims, exp: past }), 401, "token_expired"],
    ]) {
      const answer = await fetch(server.url + path, { headers });
      const problem = await answer.json();
      assert.deepEqual({ status: answer.status, reason: problem.reason }, { status, reason }, path);
      assert.match(problem.detail, /^\S.{5,}$/);
    }
    const accepted = await fetch(`${servers.signed.url}/api/classes`, { headers: bearer(claims) });
    assert.equal(accepted.status, 200);
  });
});
