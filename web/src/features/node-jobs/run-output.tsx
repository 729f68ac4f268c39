import { type CSSProperties, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { NodeRun } from "@/api/types";
import { OutputLog } from "@/components/output-log";
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
  const shown = useMemo(() => pieces(output.text), [output.text]);
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
        <OutputLog label={t("output.label", { server: run.node_name })} shown={shown}>
          {shown.map(({ text, look }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: pieces only grow at the end.
            <span key={index} style={styleOf(look)}>
              {text}
            </span>
          ))}
        </OutputLog>
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
