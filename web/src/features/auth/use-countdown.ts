import { useEffect, useState } from "react";

/** Seconds left of the wait that the server asked for; `start` begins one. */
export function useCountdown(): [seconds: number, start: (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  const waiting = left > 0;
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => setLeft((seconds) => Math.max(0, seconds - 1)), 1000);
    return () => clearInterval(timer);
  }, [waiting]);
  return [left, setLeft];
}
