import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api, api } from "@/api/client";
import type { Workspace } from "@/api/types";
import { useErrorText } from "@/lib/error-text";
import { applyWorkspace } from "@/lib/event-sync";

type Verb = "start" | "stop" | "restart" | "cancel" | "restore";

/** How long "Undo" stays after a deletion; the deleted view has it for 7 days. */
const UNDO_MS = 10_000;

async function act(verb: Verb, workspace: string): Promise<Workspace | undefined> {
  const init = { params: { path: { workspace } } };
  const { data } = await api.POST(`/api/v1/workspaces/{workspace}/${verb}`, init);
  return data;
}

/** What can be done to a workspace. Failures are told in a toast; the card shows the rest. */
export function useWorkspaceActions(workspace: Workspace) {
  const { t } = useTranslation("workspaces");
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const applied = {
    onSuccess: (changed: Workspace | undefined) => {
      if (changed) applyWorkspace(queryClient, changed);
    },
    onError: (error: unknown) => void toast.error(errorText(error)),
  };
  const verb = useMutation({ mutationFn: (name: Verb) => act(name, workspace.id), ...applied });
  const remove = $api.useMutation("delete", "/api/v1/workspaces/{workspace}", {
    ...applied,
    onSuccess: (changed) => {
      applied.onSuccess(changed);
      toast(t("toast.deleted", { name: workspace.name }), {
        duration: UNDO_MS,
        action: {
          label: t("action.undo", { ns: "common" }),
          onClick: () => verb.mutate("restore"),
        },
      });
    },
  });
  return {
    /** The action under way, if one is. */
    pending: verb.isPending ? verb.variables : remove.isPending ? ("delete" as const) : undefined,
    start: () => verb.mutate("start"),
    stop: () => verb.mutate("stop"),
    restart: () => verb.mutate("restart"),
    cancel: () => verb.mutate("cancel"),
    restore: () => verb.mutate("restore"),
    remove: () => remove.mutate({ params: { path: { workspace: workspace.id } } }),
  };
}
