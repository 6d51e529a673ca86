import { lazy, Suspense } from "react";
import { useAddress } from "./address";
import { ClassPage } from "./ClassPage";
import { Entrance } from "./entrance/Entrance";

const AdminPage = lazy(() => import("./admin/AdminPage"));

export function App() {
  const { role, class: classId, user, name } = useAddress();
  if (role === "admin" && user) {
    return <Suspense fallback={null}><AdminPage key={user} id={user} name={name} /></Suspense>;
  }
  if (!role || !classId || !user) return <Entrance key={`${role}/${classId}`} />;
  // Another person or class is another page: nothing of the one before stays.
  return <ClassPage key={`${role}/${user}/${classId}`} classId={classId} id={user} name={name} role={role} />;
}
