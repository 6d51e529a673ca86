import { useSyncExternalStore } from "react";
import { record } from "./record";

export const useRecord = () => useSyncExternalStore(record.subscribe, record.entries);
