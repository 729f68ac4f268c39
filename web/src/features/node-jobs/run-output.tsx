import { type CSSProperties, useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { NodeRun } from "@/api/types";
import { useErrorText } from "@/lib/error-text";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { type Look, pieces } from "./ansi";
import { ansiColor, inkColor } from "./ansi-colors";
import { useOutput } from "./use-output";

/** What a run has printed, as it comes. */
export function RunOutput({ run }: { run: NodeRun }) {
  const { t } = useTranslation("jobs");
  const errorText = useErrorText();
  const output = useOutput(run, true);
  const box = useRef<HTMLPreElement>(null);
  const following = useRef(true);
  const shown = useMemo(() => pieces(output.text), [output.text]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows what is new.
  useEffect(() => {
    if (following.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown]);
  const waits = run.state === "queued" || run.state === "held";
  return (
    <div>
      {output.lost > 0 ? (
        <p className="pb-1 text-warn text-xs">
          {t("output.lost", { size: formatBytes(output.lost, currentLocale()) })}
        </p>
      ) : null}
      {output.state === "failed" ? (
        <p role="alert" className="pb-1 text-warn text-xs">
          <bdi>{errorText(output.error)}</bdi>
        </p>
      ) : null}
      {shown.length === 0 ? (
        <p className="text-ink-3 text-xs">
          {t(waits ? "output.notYet" : run.state === "running" ? "output.noneYet" : "output.none")}
        </p>
      ) : (
        <pre
          ref={box}
          dir="ltr"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it.
          tabIndex={0}
          role="log"
          aria-label={t("output.label", { server: run.node_name })}
          onScroll={({ currentTarget: it }) => {
            following.current = it.scrollHeight - it.scrollTop - it.clientHeight < 24;
          }}
          className="max-h-96 overflow-auto whitespace-pre-wrap break-words rounded-md border bg-canvas p-3 text-start font-mono text-xs leading-5"
        >
          {shown.map(({ text, look }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces only grow at the end.
            <span key={index} style={styleOf(look)}>
              {text}
            </span>
          ))}
        </pre>
      )}
    </div>
  );
}

function styleOf(look: Look): CSSProperties {
  const fore = look.color === undefined ? undefined : inkColor(look.color);
  const back = look.background === undefined ? undefined : ansiColor(look.background);
  return {
    fontWeight: look.bold ? 600 : undefined,
    opacity: look.dim ? 0.7 : undefined,
    fontStyle: look.italic ? "italic" : undefined,
    textDecoration: look.underline ? "underline" : undefined,
    color: look.inverse ? (back ?? "var(--canvas)") : fore,
    backgroundColor: look.inverse ? (fore ?? "var(--ink)") : back,
  };
}
