import { Check, ChevronRight, CircleX, Clock, Play, Send, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { TimeAgo } from "@/components/time-ago";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { cn } from "@/lib/cn";
import { useCommands } from "@/lib/commands";
import { ProcessOutput } from "./process-output";
import { commandText, type Process, SIGNALS, type useProcessActions } from "./queries";

interface ProcessRowProps {
  node: string;
  process: Process;
  actions: ReturnType<typeof useProcessActions>;
}

/** One process: how it stands, what it prints, and what can be done to it. */
export function ProcessRow({ node, process, actions }: ProcessRowProps) {
  const { t } = useTranslation("servers");
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(false);
  const output = useId();
  const running = process.exit == null;
  const command = commandText(process.command);
  const remove = () => (running ? setAsked(true) : void actions.remove(process));
  useCommands("servers", [
    ...(running ? SIGNALS : []).map((signal) => ({
      id: `process.${signal}.${process.id}`,
      title: `${t("processes.signal", { pid: process.pid })}: ${signal}`,
      keywords: [t(`processes.signals.${signal}`), command],
      run: () => void actions.signal(process, signal),
    })),
    {
      id: `process.remove.${process.id}`,
      title: t("processes.remove", { pid: process.pid }),
      keywords: [command],
      run: remove,
    },
  ]);
  return (
    <li>
      <div className="flex items-center gap-x-3 py-1.5">
        <IconButton
          label={t("processes.output", { pid: process.pid })}
          aria-expanded={open}
          aria-controls={output}
          onClick={() => setOpen(!open)}
        >
          <ChevronRight
            className={cn("transition-transform", open ? "rotate-90" : "flip-rtl")}
            aria-hidden
          />
        </IconButton>
        <div className="min-w-0 flex-1">
          <p className="truncate font-mono text-xs" title={command}>
            <bdi dir="ltr">{command}</bdi>
          </p>
          <p className="flex flex-wrap gap-x-3 text-ink-3 text-xs">
            <State process={process} />
            <span>{t("processes.pid", { pid: process.pid })}</span>
            <span>
              {t("processes.started")} <TimeAgo at={process.started_at} />
            </span>
            <bdi dir="ltr" className="min-w-0 truncate font-mono max-sm:hidden">
              {process.cwd}
            </bdi>
          </p>
        </div>
        <Menu>
          <MenuTrigger asChild>
            <IconButton
              label={t("processes.signal", { pid: process.pid })}
              disabledReason={running ? undefined : t("processes.hasEnded")}
            >
              <Send className="flip-rtl" />
            </IconButton>
          </MenuTrigger>
          <MenuContent align="end" className="max-w-72">
            {SIGNALS.map((signal) => (
              <MenuItem
                key={signal}
                danger={signal === "SIGKILL"}
                onSelect={() => void actions.signal(process, signal)}
              >
                <span className="flex flex-col items-start py-1">
                  <bdi dir="ltr" className="font-mono text-xs">
                    {signal}
                  </bdi>
                  <span className="text-ink-3 text-xs">{t(`processes.signals.${signal}`)}</span>
                </span>
              </MenuItem>
            ))}
          </MenuContent>
        </Menu>
        <IconButton label={t("processes.remove", { pid: process.pid })} onClick={remove}>
          <Trash2 />
        </IconButton>
      </div>
      <div id={output}>{open ? <ProcessOutput node={node} process={process} /> : null}</div>
      <ConfirmDialog
        open={asked}
        onOpenChange={setAsked}
        title={t("processes.removeTitle", { pid: process.pid })}
        description={t("processes.removeDetail")}
        action={t("processes.removeAction")}
        pending={false}
        onConfirm={() => {
          setAsked(false);
          void actions.remove(process);
        }}
      />
    </li>
  );
}

/** Whether it runs, or how it ended. */
function State({ process }: { process: Process }) {
  const { t } = useTranslation("servers");
  const { exit } = process;
  const [Icon, style, words] =
    exit == null
      ? ([Play, "text-ok", t("processes.running")] as const)
      : process.timed_out
        ? ([Clock, "text-bad", t("processes.timedOut")] as const)
        : exit.code === 0
          ? ([Check, "text-ink-2", t("processes.done")] as const)
          : exit.code == null
            ? ([CircleX, "text-bad", t("processes.killed", { signal: exit.signal })] as const)
            : ([CircleX, "text-bad", t("processes.failed", { code: exit.code })] as const);
  return (
    <span className={cn("flex items-center gap-1", style)}>
      <Icon className="size-3.5" aria-hidden />
      {words}
    </span>
  );
}
