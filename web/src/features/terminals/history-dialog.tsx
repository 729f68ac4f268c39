/** Every command that the terminals' shells have run, to be found and typed once more. */
import { useQuery } from "@tanstack/react-query";
import { Command as Palette } from "cmdk";
import { useDeferredValue, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/error-state";
import { TimeAgo } from "@/components/time-ago";
import { Dialog } from "@/components/ui/dialog";
import { cn } from "@/lib/cn";
import { commandSearch } from "./queries";

interface HistoryDialogProps {
  workspace: string;
  /** Called when the dialog has closed: the terminal that gets the line has the focus then. */
  onPick: (line: string) => void;
  onClose: () => void;
}

export function HistoryDialog({ workspace, onPick, onClose }: HistoryDialogProps) {
  const { t } = useTranslation("terminals");
  const [text, setText] = useState("");
  const query = useDeferredValue(text.trim());
  const picked = useRef<string | undefined>(undefined);
  const found = useQuery(commandSearch(workspace, query));
  const items = found.data?.items ?? [];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("history.title")}
      description={t("history.description")}
      className="sm:max-w-2xl"
      onClosed={() => {
        if (picked.current === undefined) return false;
        onPick(picked.current);
        return true;
      }}
    >
      <Palette shouldFilter={false} label={t("history.title")} className="flex min-h-0 flex-col">
        <Palette.Input
          value={text}
          onValueChange={setText}
          placeholder={t("history.placeholder")}
          className="h-10 border-b bg-transparent px-4 outline-none"
        />
        {found.isError ? (
          <ErrorState
            error={found.error}
            onRetry={() => void found.refetch()}
            retrying={found.isFetching}
          />
        ) : null}
        {found.isSuccess && items.length === 0 ? (
          <p className="p-3 text-ink-2 text-sm">
            {t(query === "" ? "history.empty" : "history.none")}
          </p>
        ) : null}
        <Palette.List
          className="max-h-[50vh] min-h-24 overflow-y-auto p-1"
          label={t("history.results")}
        >
          {items.map((command) => (
            <Palette.Item
              key={`${command.terminal} ${command.number}`}
              value={`${command.terminal} ${command.number}`}
              onSelect={() => {
                picked.current = command.text;
                onClose();
              }}
              className="flex flex-col gap-0.5 rounded-sm px-3 py-1.5 data-[selected=true]:bg-hover"
            >
              <span
                dir="ltr"
                className="line-clamp-2 whitespace-pre-wrap break-all font-mono text-sm"
              >
                {command.text}
              </span>
              <span className="flex flex-wrap items-center gap-x-2 text-ink-3 text-xs">
                <ExitWord code={command.exit_code} ended={command.ended_at != null} />
                <bdi>{command.terminal_name}</bdi>
                {command.directory ? <bdi className="truncate">{command.directory}</bdi> : null}
                <TimeAgo at={command.started_at} />
              </span>
            </Palette.Item>
          ))}
        </Palette.List>
      </Palette>
    </Dialog>
  );
}

function ExitWord({ code, ended }: { code: number | null | undefined; ended: boolean }) {
  const { t } = useTranslation("terminals");
  if (!ended) return <span>{t("command.running")}</span>;
  if (code == null) return null;
  return (
    <span className={cn(code === 0 ? "text-ok" : "text-bad")}>
      {code === 0 ? t("command.ok") : t("command.failed", { code })}
    </span>
  );
}
