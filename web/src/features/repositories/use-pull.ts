import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import { runLong } from "@/api/git-long";
import type { Repository } from "@/api/types";
import { useErrorText } from "@/lib/error-text";

/** Pulls where a repository is, and tells how it went. The list follows when the server has looked again. */
export function usePull(organization: string, repository: Repository) {
  const { t } = useTranslation("repositories");
  const client = useQueryClient();
  const errorText = useErrorText();
  const { workspace_id: workspace, found } = repository;
  const list = $api.queryOptions("get", "/api/v1/organizations/{organization}/repositories", {
    params: { path: { organization } },
  });
  const pull = useMutation({
    mutationFn: async () => {
      const stop = new AbortController();
      return await runLong(workspace, "pull", { path: found.path }, stop.signal, () => undefined);
    },
    onSuccess: (last) => {
      if (last.type === "credentials_required") {
        toast.warning(t("pull.credentials", { host: last.host }));
      } else if (last.type === "failed") {
        toast.error(last.detail);
      } else if (last.type === "done" && last.result.outcome !== "done") {
        toast.warning(t("pull.stopped"));
      } else {
        toast.success(t("pull.done"));
      }
    },
    onError: (error: unknown) => void toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: list.queryKey.slice(0, 2) }),
  });
  return { run: () => pull.mutate(), pending: pull.isPending };
}
