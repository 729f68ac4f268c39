/** Leads from one workspace to another by the keyboard: the one before it is one Enter away. */
import { useNavigate, useParams } from "@tanstack/react-router";
import { Command as Primitive } from "cmdk";
import { Server } from "lucide-react";
import { Dialog } from "radix-ui";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { api } from "@/api/client";
import type { Workspace } from "@/api/types";
import { useWorkspaceList } from "@/api/workspaces";
import { useCommandStore } from "@/lib/commands";
import { useErrorText } from "@/lib/error-text";
import { pictureOf } from "@/lib/last-seen";
import { canManage } from "@/lib/permissions";
import { mostRecentFirst, useRecent } from "@/lib/recent";
import { useAccount, useMembership } from "@/lib/session";
import { ErrorState } from "../error-state";
import { RowSkeletons } from "../page";
import { TimeAgo } from "../time-ago";
import { LastSeenPicture } from "../workspace/last-seen-picture";
import { StateBadge } from "../workspace/state-badge";

export function WorkspaceSwitcher() {
  const { t } = useTranslation("layout");
  const { organization_id } = useMembership();
  const { setOverlay } = useCommandStore();
  const onClose = () => setOverlay(undefined);
  // The one that is open is none to go to.
  const { workspaceId: current } = useParams({ strict: false });
  const list = useWorkspaceList(organization_id);
  const recent = useRecent();
  const byId = new Map(list.workspaces.map((workspace) => [workspace.id, workspace]));
  const ordered = mostRecentFirst([...byId.keys()], recent).filter((id) => id !== current);
  const [selected, setSelected] = useState<string>();
  const go = useGo(onClose);
  const shown = selected ?? ordered[0] ?? "";
  /** Whether Shift is down, for the key that chooses: cmdk does not tell it. */
  const shift = useRef(false);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 animate-fade-in bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          onKeyDownCapture={(event) => {
            shift.current = event.shiftKey;
          }}
          className="fixed inset-x-4 top-[10vh] z-50 mx-auto max-w-xl animate-rise-in overflow-hidden rounded-md border border-line bg-raised shadow-(--shadow-raised)"
        >
          <Dialog.Title className="sr-only">{t("switcher.title")}</Dialog.Title>
          <Primitive label={t("switcher.title")} loop value={shown} onValueChange={setSelected}>
            <Primitive.Input
              placeholder={t("switcher.placeholder")}
              className="h-11 w-full border-b bg-transparent px-3 text-base outline-none placeholder:text-ink-3"
            />
            {list.isPending ? (
              <div className="px-2">
                <RowSkeletons label={t("switcher.loading")} rows={3} />
              </div>
            ) : null}
            {list.isError ? (
              <ErrorState
                error={list.error}
                onRetry={() => void list.refetch()}
                retrying={list.isFetching}
              />
            ) : null}
            {list.isSuccess ? (
              <Primitive.Empty className="p-4 text-ink-2">
                {t(ordered.length === 0 ? "switcher.none" : "switcher.notFound")}
              </Primitive.Empty>
            ) : null}
            <Primitive.List
              label={t("switcher.title")}
              className="max-h-[60vh] overflow-y-auto p-1"
            >
              {ordered.map((id) => {
                const workspace = byId.get(id);
                return workspace ? (
                  <Primitive.Item
                    key={id}
                    value={id}
                    keywords={[workspace.name, workspace.node_name ?? "", workspace.owner_name]}
                    onSelect={() => go(workspace, shift.current)}
                    className="flex cursor-default items-center gap-3 rounded-sm p-2 data-[selected=true]:bg-hover"
                  >
                    <LastSeenPicture picture={pictureOf(id)} />
                    <Description workspace={workspace} visited={recent[id]} />
                  </Primitive.Item>
                ) : null;
              })}
            </Primitive.List>
            <p className="border-t px-3 py-2 text-ink-2 text-xs">{t("switcher.hint")}</p>
          </Primitive>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Description({
  workspace,
  visited,
}: {
  workspace: Workspace;
  visited: number | undefined;
}) {
  const { t } = useTranslation("layout");
  const seen = pictureOf(workspace.id)?.at;
  return (
    <span className="flex min-w-0 flex-1 flex-col gap-0.5">
      <span className="flex items-center gap-2">
        <bdi className="truncate font-medium">{workspace.name}</bdi>
        <span className="flex-1" />
        <StateBadge state={workspace.state} />
      </span>
      <span className="flex items-center gap-1 text-ink-2 text-xs">
        <Server className="size-3.5 shrink-0" aria-hidden />
        <bdi className="truncate">{workspace.node_name}</bdi>
      </span>
      <span className="truncate text-ink-2 text-xs">
        {visited === undefined ? t("switcher.neverVisited") : null}
        {visited === undefined ? null : (
          <>
            {t("switcher.visited")} <TimeAgo at={visited} />
          </>
        )}
        {seen === undefined ? ` · ${t("switcher.noPicture")}` : null}
      </span>
    </span>
  );
}

/** Opens a workspace; one that is stopped is started on the way, if that is wanted. */
function useGo(onClose: () => void): (workspace: Workspace, withoutStart: boolean) => void {
  const navigate = useNavigate();
  const errorText = useErrorText();
  const account = useAccount();
  const { role } = useMembership();
  return (workspace, withoutStart) => {
    const { id, state } = workspace;
    onClose();
    void navigate({ to: "/workspaces/$workspaceId", params: { workspaceId: id } });
    const startable = state === "stopped" || state === "failed";
    if (withoutStart || !startable || !canManage(workspace, account, role)) return;
    // The page hears by events how it goes.
    const params = { path: { workspace: id } };
    api
      .POST("/api/v1/workspaces/{workspace}/start", { params })
      .catch((error: unknown) => void toast.error(errorText(error)));
  };
}
