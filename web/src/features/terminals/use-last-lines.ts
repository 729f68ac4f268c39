import { useEffect, useRef } from "react";
import { offerLines } from "@/lib/last-seen";
import type { TerminalView } from "./terminal";

/** Offers what the terminal in front shows, for the pictures of the workspace switcher. */
export function useLastLines(front: () => TerminalView | undefined): void {
  const latest = useRef(front);
  latest.current = front;
  useEffect(
    () =>
      offerLines("terminal", () => {
        const xterm = latest.current()?.xterm;
        // A panel that is closed keeps its terminals, unseen.
        if (!xterm?.element || xterm.element.offsetParent === null) return undefined;
        const { active } = xterm.buffer;
        const row = (at: number) => active.getLine(active.viewportY + at)?.translateToString(true);
        return Array.from({ length: xterm.rows }, (_, at) => row(at) ?? "");
      }),
    [],
  );
}
