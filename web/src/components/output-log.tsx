import { type ReactNode, useEffect, useRef } from "react";

/** How near to its end a log must stand to follow it, in pixels. */
const AT_END_PX = 24;

/** What a program prints, as it comes: follows the end, unless somebody has scrolled away from it. */
export function OutputLog({
  label,
  shown,
  children,
}: {
  label: string;
  /** Another value when there is something new. */
  shown: unknown;
  children: ReactNode;
}) {
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows what is new.
  useEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown]);
  return (
    <pre
      ref={box}
      dir="ltr"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it.
      tabIndex={0}
      role="log"
      aria-label={label}
      onScroll={({ currentTarget: it }) => {
        following.current = it.scrollHeight - it.scrollTop - it.clientHeight < AT_END_PX;
      }}
      className="max-h-96 overflow-auto whitespace-pre-wrap break-words rounded-md border bg-canvas p-3 text-start font-mono text-xs leading-5"
    >
      {children}
    </pre>
  );
}
