// Who is in a class, as the nodes say.

/** What each node says of each class: a list of { classId, node, users }, users being undefined if it did not answer. */
export function presentIn(classes, nodes) {
  return Promise.all(
    classes.flatMap(({ teacher }) =>
      nodes.map(async ({ name, server }) => {
        const { userId, classId } = teacher.record;
        const answer = await fetch(`${server.url}/api/classes/${classId}/presence`, { headers: { "X-User": userId } });
        const { users } = await answer.json();
        return { classId, node: name, users: users?.map((user) => user.userId) };
      }),
    ),
  );
}
