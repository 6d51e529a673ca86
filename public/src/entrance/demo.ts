/** What the server seeds with DEMO=true. */
export const DEMO = { class: "demo", teacher: "teacher-1", student: "student-1", admin: "admin-1" };
