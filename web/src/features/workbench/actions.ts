/** What can be done with the workspace from its own page. */
import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { $api } from "@/api/client";
import type { Workspace } from "@/api/types";
import { useErrorText } from "@/lib/error-text";
import { applyWorkspace } from "@/lib/event-sync";

export interface WorkspaceActions {
  start: () => void;
  stop: () => void;
  restart: () => void;
  cancel: () => void;
  restore: () => void;
  /** One of them is under way. */
  pending: boolean;
}

export function useWorkspaceActions(workspace: string): WorkspaceActions {
  const client = useQueryClient();
  const errorText = useErrorText();
  const options = {
    onSuccess: (answer: Workspace) => applyWorkspace(client, answer),
    onError: (error: unknown) => void toast.error(errorText(error)),
  };
  const start = $api.useMutation("post", "/api/v1/workspaces/{workspace}/start", options);
  const stop = $api.useMutation("post", "/api/v1/workspaces/{workspace}/stop", options);
  const restart = $api.useMutation("post", "/api/v1/workspaces/{workspace}/restart", options);
  const cancel = $api.useMutation("post", "/api/v1/workspaces/{workspace}/cancel", options);
  const restore = $api.useMutation("post", "/api/v1/workspaces/{workspace}/restore", options);
  const init = { params: { path: { workspace } } };
  return {
    start: () => start.mutate(init),
    stop: () => stop.mutate(init),
    restart: () => restart.mutate(init),
    cancel: () => cancel.mutate(init),
    restore: () => restore.mutate(init),
    pending: [start, stop, restart, cancel, restore].some(({ isPending }) => isPending),
  };
}
