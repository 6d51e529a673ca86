import { useEffect, useRef, useState } from "react";

const PAUSE = 5000;

/** Announces a text that changes often to screen readers: the first at once, then the latest every few seconds. */
export function Announcement({ text }: { text: string }) {
  const [said, setSaid] = useState(text);
  const latest = useRef(text);
  useEffect(() => {
    latest.current = text;
  }, [text]);
  useEffect(() => {
    const timer = setInterval(() => setSaid(latest.current), PAUSE);
    return () => clearInterval(timer);
  }, []);
  return <p className="hidden" role="status">{said}</p>;
}
