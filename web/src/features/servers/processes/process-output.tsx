import { useTranslation } from "react-i18next";
import { OutputLog } from "@/components/output-log";
import { useErrorText } from "@/lib/error-text";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import type { Process } from "./queries";
import { useOutput } from "./use-output";

/** What a process has printed, as it comes; what went to stderr stands out. */
export function ProcessOutput({ node, process }: { node: string; process: Process }) {
  const { t } = useTranslation("servers");
  const errorText = useErrorText();
  const { pieces, lost, error } = useOutput(node, process);
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
        <OutputLog label={t("processes.outputOf", { pid: process.pid })} shown={pieces}>
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
        </OutputLog>
      )}
    </div>
  );
}
