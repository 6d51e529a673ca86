import type { User } from "../../attendance/useClassAttendance";
import { RulesView } from "../rules/RulesView";
import { TeachersView } from "./TeachersView";
import { VisibilityForm } from "./VisibilityForm";

/** What holds for the whole class: the rules of its sessions, what students see, and who teaches it. */
export function ClassView({ classId, user }: { classId: string; user: User }) {
  return (
    <div className="columns">
      <div className="stack">
        <RulesView classId={classId} user={user} />
        <VisibilityForm classId={classId} user={user} />
      </div>
      <TeachersView classId={classId} user={user} />
    </div>
  );
}
