import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import { useErrorText } from "@/lib/error-text";

const LIST = "/api/v1/organizations/{organization}/repositories";

/** Looks at all workspaces that run, and reads the list again. */
export function useRefresh(organization: string) {
  const { t } = useTranslation("repositories");
  const client = useQueryClient();
  const errorText = useErrorText();
  const refresh = $api.useMutation("post", `${LIST}/refresh`, {
    onSuccess: ({ workspaces, failed, truncated, more }) => {
      if (failed > 0) toast.warning(t("refresh.failed", { count: failed }));
      else if (truncated > 0) toast.warning(t("refresh.truncated", { count: truncated }));
      else if (more) toast.warning(t("refresh.more", { count: workspaces }));
      else toast.success(t("refresh.done", { count: workspaces }));
    },
    onError: (error: unknown) => void toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ["get", LIST] }),
  });
  const { mutate } = refresh;
  const run = useCallback(
    () => mutate({ params: { path: { organization } } }),
    [mutate, organization],
  );
  return { run, pending: refresh.isPending };
}
