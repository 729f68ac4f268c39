import { useQueryClient } from "@tanstack/react-query";
import { $api } from "@/api/client";
import type { NodeToken } from "@/api/types";
import { roleAtLeast, useRoleIn } from "@/lib/session";
import { useJoinCommands } from "./join-store";

const LIST = "/api/v1/organizations/{organization}/node-tokens";

/** The event of a server that joins says it at once; this is for when none comes through. */
const WATCH_INTERVAL_MS = 5_000;

/** The organization's join tokens, newest first; only admins may know of them. */
export function useJoinTokens(organization: string, watch: boolean) {
  const role = useRoleIn(organization);
  return $api.useQuery(
    "get",
    LIST,
    { params: { path: { organization } } },
    {
      enabled: roleAtLeast(role, "admin"),
      refetchInterval: watch ? WATCH_INTERVAL_MS : false,
    },
  );
}

/** Whether a server can still join with it. */
export function isPending(token: NodeToken, now: number): boolean {
  return token.node_id == null && token.expires_at > now;
}

/** Takes a token back, so that its command does nothing any more. */
export function useTokenDelete(onError: (error: unknown) => void) {
  const client = useQueryClient();
  const forget = useJoinCommands((state) => state.forget);
  const { mutate, isPending: pending } = $api.useMutation(
    "delete",
    "/api/v1/node-tokens/{node_token}",
    { onError, onSettled: () => client.invalidateQueries({ queryKey: ["get", LIST] }) },
  );
  const remove = (token: string, done?: () => void) =>
    mutate(
      { params: { path: { node_token: token } } },
      {
        onSuccess: () => {
          forget(token);
          done?.();
        },
      },
    );
  return { remove, pending };
}

/** Makes a token, and keeps its command for as long as the page is open. */
export function useTokenCreate(onError: (error: unknown) => void) {
  const client = useQueryClient();
  const keep = useJoinCommands((state) => state.keep);
  return $api.useMutation("post", LIST, {
    onSuccess: (created) => {
      keep(created);
      void client.invalidateQueries({ queryKey: ["get", LIST] });
    },
    onError,
  });
}
