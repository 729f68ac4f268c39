import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/error-state";
import { FormError } from "@/components/form-error";
import { OutputLog } from "@/components/output-log";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { useErrorText } from "@/lib/error-text";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { refreshVsCode, type VsCode, vscodeView, type Wish, wish } from "./queries";

interface VsCodeDialogProps {
  workspace: string;
  onOpen: () => void;
  onClose: () => void;
}

/** How VS Code of the workspace is, and what can be done with it. */
export function VsCodeDialog({ workspace, onOpen, onClose }: VsCodeDialogProps) {
  const { t } = useTranslation("vscode");
  const client = useQueryClient();
  const errorText = useErrorText();
  const [removing, setRemoving] = useState<"removeProgram" | "removeData">();
  const view = useQuery(vscodeView(workspace));
  const action = useMutation({
    mutationFn: (what: Wish) => wish(workspace, what),
    onSettled: () => {
      setRemoving(undefined);
      return refreshVsCode(client, workspace);
    },
  });
  const vscode = view.data;
  return (
    <Dialog open onOpenChange={onClose} title={t("title")} description={t("description")}>
      <DialogBody className="flex flex-col gap-3">
        {view.isError && !vscode ? (
          <ErrorState
            error={view.error}
            onRetry={() => void view.refetch()}
            retrying={view.isFetching}
          />
        ) : null}
        {vscode ? <Facts vscode={vscode} /> : <div aria-hidden className="h-24" />}
        {vscode && vscode.log.length > 0 ? (
          <OutputLog label={t("log")} shown={vscode.log.join("\n")}>
            {vscode.log.join("\n")}
          </OutputLog>
        ) : null}
        <FormError message={action.isError ? errorText(action.error) : undefined} />
      </DialogBody>
      {vscode ? (
        <DialogFooter>
          <Actions
            vscode={vscode}
            pending={action.isPending ? action.variables : undefined}
            onWish={(what) =>
              what === "removeProgram" || what === "removeData"
                ? setRemoving(what)
                : action.mutate(what)
            }
            onOpen={onOpen}
          />
        </DialogFooter>
      ) : null}
      {removing ? (
        <ConfirmDialog
          open
          onOpenChange={() => setRemoving(undefined)}
          title={t(`${removing}.title`)}
          description={t(`${removing}.description`)}
          action={t(`${removing}.action`)}
          pending={action.isPending}
          onConfirm={() => action.mutate(removing)}
        />
      ) : null}
    </Dialog>
  );
}

function Facts({ vscode }: { vscode: VsCode }) {
  const { t } = useTranslation("vscode");
  const facts: [string, React.ReactNode][] = [
    [t("state"), <span key="state">{t(`states.${vscode.state}`)}</span>],
    [t("since"), <TimeAgo key="since" at={vscode.since} />],
  ];
  if (vscode.version) facts.push([t("version"), <bdi key="version">{vscode.version}</bdi>]);
  if (vscode.program) facts.push([t("program"), <bdi key="program">{vscode.program}</bdi>]);
  if (vscode.pid) {
    facts.push([t("memory"), formatBytes(vscode.memory_bytes, currentLocale())]);
    facts.push([t("connections"), vscode.connections.toLocaleString(currentLocale())]);
  }
  return (
    <>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-2">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
      </dl>
      {vscode.detail ? (
        <p className="break-words text-ink-2 text-sm" dir="auto">
          {vscode.detail}
        </p>
      ) : null}
    </>
  );
}

interface ActionsProps {
  vscode: VsCode;
  pending: Wish | undefined;
  onWish: (what: Wish) => void;
  onOpen: () => void;
}

function Actions({ vscode, pending, onWish, onOpen }: ActionsProps) {
  const { t } = useTranslation("vscode");
  const button = (what: Wish, variant: "primary" | "secondary" = "secondary") => (
    <Button variant={variant} pending={pending === what} onClick={() => onWish(what)}>
      {t(`action.${what}`)}
    </Button>
  );
  const { state } = vscode;
  if (state === "absent") {
    return (
      <Button
        variant="primary"
        pending={pending === "install"}
        disabledReason={vscode.installs ? undefined : (vscode.detail ?? t("notInstallable"))}
        onClick={() => onWish("install")}
      >
        {vscode.installs ? t("installThis", { what: vscode.installs }) : t("action.install")}
      </Button>
    );
  }
  const runs = ["starting", "ready", "restarting", "installing"].includes(state);
  return (
    <>
      {runs ? button("stop") : null}
      {runs ? null : button("removeData")}
      {runs || !vscode.installed ? null : button("removeProgram")}
      {runs ? null : button("start")}
      {state === "installing" ? null : (
        <Button variant="primary" onClick={onOpen}>
          {t("open")}
        </Button>
      )}
    </>
  );
}
