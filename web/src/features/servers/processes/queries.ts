/** The processes that Atelier runs on a server's own machine: what is asked, and what is done. */
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { $agentApi, agentApi } from "@/api/agent";
import type { components } from "@/api/schema.gen";
import { useErrorText } from "@/lib/error-text";

export type Process = components["schemas"]["Process"];

const LIST = "/api/v1/workspaces/{workspace}/processes";
const ONE = "/api/v1/workspaces/{workspace}/processes/{process}";

/** No event tells of processes; looking every few seconds does. */
const LIST_INTERVAL_MS = 3_000;

/** All that are remembered, oldest first. */
export function processList(node: string) {
  return queryOptions({
    ...$agentApi.queryOptions("get", LIST, { params: { path: { workspace: node } } }),
    refetchInterval: LIST_INTERVAL_MS,
    staleTime: 0,
  });
}

/** The signals that are offered: to ask, to interrupt, to stop and go on, and to end for sure. */
export const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGSTOP", "SIGCONT", "SIGKILL"] as const;

/** What people do with processes; failures are told in the server's words. */
export function useProcessActions(node: string) {
  const client = useQueryClient();
  const errorText = useErrorText();
  const refresh = () => client.invalidateQueries({ queryKey: processList(node).queryKey });
  const attempt = async (action: () => Promise<unknown>) => {
    try {
      await action();
    } catch (error) {
      toast.error(errorText(error));
    }
    await refresh();
  };
  const paramsOf = (process: Process) => ({ path: { workspace: node, process: process.id } });
  return {
    refresh,
    signal: (process: Process, signal: (typeof SIGNALS)[number]) =>
      attempt(() =>
        agentApi.POST(`${ONE}/signal`, { params: paramsOf(process), body: { signal } }),
      ),
    /** Kills it if it runs, and forgets it. */
    remove: (process: Process) =>
      attempt(() => agentApi.DELETE(ONE, { params: paramsOf(process) })),
  };
}

/**
 * A command as a person would write it: of one that a shell runs its text, else parts that a shell
 * would take apart in quotes.
 */
export function commandText(command: readonly string[]): string {
  const [program, option, text, ...more] = command;
  if (program === "/bin/sh" && option === "-c" && text && more.length === 0) return text;
  return command
    .map((part) => (/^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", "'\\''")}'`))
    .join(" ");
}
