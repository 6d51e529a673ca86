import { useEffect, useRef, type RefObject } from "react";

/** A reference to the latest value, for what runs outside of rendering. */
export function useLatest<Value>(value: Value): RefObject<Value> {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}
