/** A user whom a server in open mode believes, or the bearer of a token. */
type Asker = string | { token: string };

/** A request to the REST API, as the teacher of the demo class unless another user is named. */
export async function api(url: string, path: string, method = "GET", json?: unknown, asker: Asker = "teacher-1"): Promise<unknown> {
  const answer = await fetch(`${url}/api${path}`, {
    method,
    headers: { ...credentials(asker), "Content-Type": "application/json" },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

function credentials(asker: Asker): Record<string, string> {
  if (typeof asker !== "string") return { Authorization: `Bearer ${asker.token}` };
  return { "X-User": asker, "X-Role": asker.startsWith("student") ? "student" : "teacher" };
}

/** A lecture that has ended, with two of three students present. */
export async function heldLecture(url: string, classId: string): Promise<void> {
  await api(url, "/classes", "POST", { id: classId, name: "Mathematics 1" });
  const students = ["Asha Rao", "Zoë Müller", "Søren Kierkegaard"].map((name, i) => ({ id: `student-${i + 1}`, name }));
  await api(url, `/classes/${classId}/roster`, "PUT", { students });
  await api(url, `/classes/${classId}/sessions`, "POST", { sessionType: "lecture" });
  for (const student of ["student-1", "student-2"]) {
    await api(url, `/classes/${classId}/marks`, "POST", { sessionType: "lecture", studentId: student });
  }
  await api(url, `/classes/${classId}/sessions/end`, "POST", { sessionType: "lecture" });
}
