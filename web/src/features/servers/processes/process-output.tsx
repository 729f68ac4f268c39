import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "@/lib/error-text";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import type { Process } from "./queries";
import { useOutput } from "./use-output";

/** How near to its end a log must stand to follow it, in pixels. */
const AT_END_PX = 24;

/** What a process has printed, as it comes; what went to stderr stands out. */
export function ProcessOutput({ node, process }: { node: string; process: Process }) {
  const { t } = useTranslation("servers");
  const errorText = useErrorText();
  const { pieces, lost, error } = useOutput(node, process);
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows what is new.
  useEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [pieces]);
  return (
    <div className="pb-3">
      {lost > 0 ? (
        <p className="pb-1 text-warn text-xs">
          {t("processes.lost", { size: formatBytes(lost, currentLocale()) })}
        </p>
      ) : null}
      {error === undefined ? null : (
        <p role="alert" className="pb-1 text-warn text-xs">
          <bdi>{errorText(error)}</bdi>
        </p>
      )}
      {pieces.length === 0 ? (
        <p className="text-ink-3 text-xs">
          {t(process.exit ? "processes.printedNothing" : "processes.printedNothingYet")}
        </p>
      ) : (
        <pre
          ref={box}
          dir="ltr"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it.
          tabIndex={0}
          role="log"
          aria-label={t("processes.outputOf", { pid: process.pid })}
          onScroll={({ currentTarget: it }) => {
            following.current = it.scrollHeight - it.scrollTop - it.clientHeight < AT_END_PX;
          }}
          className="max-h-80 overflow-auto whitespace-pre-wrap break-words rounded-md border bg-canvas p-3 text-start font-mono text-xs leading-5"
        >
          {pieces.map(({ stream, text }, index) => (
            <span
              // biome-ignore lint/suspicious/noArrayIndexKey: pieces only grow at the end.
              key={index}
              className={stream === "stderr" ? "text-warn" : undefined}
              title={stream === "stderr" ? "stderr" : undefined}
            >
              {text}
            </span>
          ))}
        </pre>
      )}
    </div>
  );
}
