import { useTranslation } from "react-i18next";
import { useNodeAmong } from "@/api/nodes";
import type { Workspace } from "@/api/types";
import { NodeState } from "./node-state";
import { OfflineNotice } from "./offline-notice";

/** The other machine that a workspace lives on; undefined where that is the control plane's own. */
function useRemote(workspace: Workspace) {
  const node = useNodeAmong(workspace.organization_id, workspace.node_id);
  return node?.local ? undefined : node;
}

/** Where a workspace lives and, where that is another machine, how the line to it is. */
export function ServerPlace({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation();
  const remote = useRemote(workspace);
  return (
    <span title={t("node.server")}>
      <bdi>{workspace.node_name}</bdi>
      {remote ? <NodeState node={remote} className="ms-1.5 align-bottom" /> : null}
    </span>
  );
}

/** The same for the status bar, which says nothing of the control plane's own machine. */
export function RemoteServer({ workspace }: { workspace: Workspace }) {
  if (!useRemote(workspace)) return null;
  return (
    <span className="flex items-center px-1.5">
      <ServerPlace workspace={workspace} />
    </span>
  );
}

/** Says so where a workspace's server cannot be reached; nothing otherwise. */
export function RemoteServerOffline({ workspace }: { workspace: Workspace }) {
  const node = useRemote(workspace);
  if (!node || node.state === "online") return null;
  return <OfflineNotice node={node} />;
}
