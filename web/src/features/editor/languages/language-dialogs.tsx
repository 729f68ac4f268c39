/** What opens over the page: a server's log, symbols of the projects, calls of a function. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { ErrorState } from "@/components/error-state";
import { Dialog } from "@/components/ui/dialog";
import { currentLocale } from "@/lib/i18n";
import { dateTimeFormat } from "@/lib/intl";
import type { EditorSession } from "../session";
import { serverLog } from "./actions";
import type { LanguageServer, LanguagesStore } from "./store";

const PlacesDialog = lazy(async () => ({
  default: (await import("./places-dialog")).PlacesDialog,
}));

interface LanguageDialogsProps {
  session: EditorSession;
  languages: LanguagesStore;
}

export function LanguageDialogs({ session, languages }: LanguageDialogsProps) {
  const { servers, logOf, list, questions } = useStore(languages);
  const server = servers[logOf ?? ""];
  return (
    <>
      {server ? (
        <LogDialog
          workspace={session.host}
          server={server}
          onClose={() => languages.setState({ logOf: undefined })}
        />
      ) : null}
      {list && questions ? (
        <Suspense fallback={null}>
          <PlacesDialog
            kind={list}
            questions={questions}
            session={session}
            onClose={() => languages.setState({ list: undefined })}
          />
        </Suspense>
      ) : null}
    </>
  );
}

interface LogDialogProps {
  workspace: string;
  server: LanguageServer;
  onClose: () => void;
}

function LogDialog({ workspace, server, onClose }: LogDialogProps) {
  const { t } = useTranslation("editor");
  const log = useQuery(serverLog(workspace, server));
  const end = useRef<HTMLDivElement>(null);
  const lines = log.data?.lines ?? [];
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new is to be seen.
  useEffect(() => {
    // No value: newer browsers give a promise, which React would take for what ends the effect.
    end.current?.scrollIntoView({ block: "end" });
  }, [lines.length]);
  const time = dateTimeFormat(currentLocale(), { timeStyle: "medium" });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("languages.log", { title: server.title })}
      description={
        server.command.length > 0 ? <bdi dir="ltr">{server.command.join(" ")}</bdi> : undefined
      }
      className="sm:max-w-3xl"
    >
      {log.isError ? (
        <ErrorState
          error={log.error}
          onRetry={() => void log.refetch()}
          retrying={log.isFetching}
        />
      ) : (
        <div
          dir="ltr"
          role="log"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it can be scrolled by keys.
          tabIndex={0}
          className="min-h-24 overflow-auto p-3 font-mono text-xs"
        >
          {log.data && lines.length === 0 ? <p dir="auto">{t("languages.logEmpty")}</p> : null}
          {lines.map(({ at, source, text }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no name and keep their order.
            <div key={index} className="flex gap-2">
              <span className="shrink-0 text-ink-3">{time.format(at)}</span>
              <span className={source === "agent" ? "text-accent-text" : "text-ink"}>
                <span className="whitespace-pre-wrap [overflow-wrap:anywhere]">{text}</span>
              </span>
            </div>
          ))}
          <div ref={end} />
        </div>
      )}
    </Dialog>
  );
}
