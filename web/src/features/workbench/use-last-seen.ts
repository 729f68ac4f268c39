import { useEffect } from "react";
import { offerLines, takePicture } from "@/lib/last-seen";

/** How often a picture is taken while the page is looked at, in milliseconds: a crash loses no more. */
const EVERY_MS = 15_000;

/** Takes pictures of the workspace for the switcher: now and then, and when the page is left. */
export function useLastSeen(workspace: string): void {
  useEffect(() => {
    const stopOffer = offerLines("editor", editorLines);
    const take = () => takePicture(workspace, Date.now());
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") take();
    }, EVERY_MS);
    window.addEventListener("pagehide", take);
    return () => {
      clearInterval(timer);
      window.removeEventListener("pagehide", take);
      stopOffer();
    };
  }, [workspace]);
}

/** The lines that Monaco has in the page, from top to bottom: those that are seen, and no more. */
function editorLines(): string[] | undefined {
  const panel = document.querySelector('[data-panel="editor"]');
  if (!panel?.checkVisibility?.()) return undefined;
  const lines = [...panel.querySelectorAll<HTMLElement>(".view-line")];
  const top = (line: HTMLElement) => Number.parseFloat(line.style.top);
  return lines
    .sort((a, b) => top(a) - top(b))
    .map((line) => (line.textContent ?? "").replaceAll("\u00a0", " "));
}
