import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { create } from "zustand";
import { $api } from "@/api/client";
import type { NodeRollout } from "@/api/types";
import { useErrorText } from "@/lib/error-text";
import { applyRollouts } from "@/lib/event-sync";
import { roleAtLeast, useRoleIn } from "@/lib/session";

/** One that ended longer ago is no news. */
const SHOWN_MS = 24 * 3_600_000;

/** Rollouts whose end was seen, for as long as the page is open. */
export const useSeenRollouts = create<{ seen: string[]; see: (id: string) => void }>((set) => ({
  seen: [],
  see: (id) => set(({ seen }) => ({ seen: [...seen, id] })),
}));

/** Whether nothing more begins. */
export function hasEnded({ state }: NodeRollout): boolean {
  return state === "succeeded" || state === "failed" || state === "aborted";
}

/** The newest rollout, if it is under way or has just ended; only admins may know of it. */
export function useCurrentRollout(organization: string): NodeRollout | undefined {
  const role = useRoleIn(organization);
  const seen = useSeenRollouts((state) => state.seen);
  const { data } = $api.useQuery(
    "get",
    "/api/v1/organizations/{organization}/node-rollouts",
    { params: { path: { organization }, query: { limit: 1 } } },
    { enabled: roleAtLeast(role, "admin") },
  );
  const newest = data?.items[0];
  if (!newest || seen.includes(newest.id)) return undefined;
  const ended = newest.finished_at;
  return ended != null && Date.now() - ended > SHOWN_MS ? undefined : newest;
}

/** How far each server of a rollout is. */
export function useRolloutNodes(rollout: string) {
  return $api.useQuery("get", "/api/v1/node-rollouts/{node_rollout}/nodes", {
    params: { path: { node_rollout: rollout }, query: { limit: 200 } },
  });
}

/** What can be done to a rollout. */
export function useRolloutActions(rollout: string) {
  const client = useQueryClient();
  const errorText = useErrorText();
  const options = {
    onSettled: () => applyRollouts(client),
    onError: (error: unknown) => void toast.error(errorText(error)),
  };
  const pause = $api.useMutation("post", "/api/v1/node-rollouts/{node_rollout}/pause", options);
  const resume = $api.useMutation("post", "/api/v1/node-rollouts/{node_rollout}/resume", options);
  const abort = $api.useMutation("post", "/api/v1/node-rollouts/{node_rollout}/abort", options);
  const init = { params: { path: { node_rollout: rollout } } };
  return {
    pending: pause.isPending || resume.isPending || abort.isPending,
    pause: () => pause.mutate(init),
    resume: () => resume.mutate(init),
    abort: () => abort.mutate(init),
  };
}
