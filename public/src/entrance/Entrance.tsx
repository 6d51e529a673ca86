import { useState } from "react";
import type { Role } from "@neuracampus/attendance-client";
import { go, useAddress } from "../address";
import { Logo } from "../shared/Logo";
import { ClassField } from "./ClassField";
import { DEMO } from "./demo";
import { PersonField } from "./PersonField";
import { RoleField } from "./RoleField";
import { TokenField } from "./TokenField";
import { useSigned } from "./useSigned";
import "./entrance.css";

/** Asks for the user and the class. What the address already has is filled in. */
export function Entrance() {
  const address = useAddress();
  const [role, setRole] = useState<Role>(address.role || "teacher");
  const [classId, setClassId] = useState(address.class || DEMO.class);
  const [person, setPerson] = useState({ id: address.user || null, name: address.name });
  const signed = useSigned();
  const admin = role === "admin";
  const id = person.id ?? DEMO[role];

  const enter = (event: React.SubmitEvent) => {
    event.preventDefault();
    go({ role, class: admin ? "" : classId.trim(), user: id.trim(), name: person.name.trim() });
  };

  return (
    <main className="entrance">
      <header>
        <Logo />
        <h1>Attendance</h1>
        <p className="muted">The teacher opens attendance, students mark themselves, and the class sees it live.</p>
      </header>
      <form className="card" onSubmit={enter}>
        <RoleField role={role} signed={signed} onChange={setRole} />
        {!admin && <ClassField role={role} user={id} classId={classId} onChange={setClassId} />}
        <PersonField role={role} classId={classId} person={{ ...person, id }} onChange={setPerson} />
        {signed && <TokenField />}
        <button type="submit" className="primary large">{admin ? "See all classes" : "Enter the class"}</button>
      </form>
      <p className="muted small">
        To see it live, open this page in two tabs: one as the teacher, one as a student.
      </p>
    </main>
  );
}
