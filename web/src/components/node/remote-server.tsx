import { useTranslation } from "react-i18next";
import { useNode, useNodeAmong } from "@/api/nodes";
import type { Node, Workspace } from "@/api/types";
import { NodeState } from "./node-state";
import { OfflineNotice } from "./offline-notice";

/** A workspace's server by name and, where that is another machine, how the line to it is. */
function Place({ name, node }: { name: string; node: Node | undefined }) {
  const { t } = useTranslation();
  return (
    <span title={t("node.server")}>
      <bdi>{name}</bdi>
      {node && !node.local ? <NodeState node={node} className="ms-1.5 align-bottom" /> : null}
    </span>
  );
}

/** Where a workspace lives, for lists of many. */
export function ServerPlace({ workspace }: { workspace: Workspace }) {
  const node = useNodeAmong(workspace.organization_id, workspace.node_id);
  return <Place name={workspace.node_name} node={node} />;
}

/** The same for the status bar, which says nothing of the control plane's own machine. */
export function RemoteServer({ workspace }: { workspace: Workspace }) {
  const { data: node } = useNode(workspace.node_id);
  if (!node || node.local) return null;
  return (
    <span className="flex items-center px-1.5">
      <Place name={workspace.node_name} node={node} />
    </span>
  );
}

/** Says so where a workspace's server cannot be reached; nothing otherwise. */
export function RemoteServerOffline({ workspace }: { workspace: Workspace }) {
  const { data: node } = useNode(workspace.node_id);
  if (!node || node.local || node.state === "online") return null;
  return <OfflineNotice node={node} />;
}
