import { useQuery } from "@tanstack/react-query";
import { api } from "./client";
import type { TelemetryHistory, WorkspaceTelemetry } from "./types";

/** About so many points a chart has: more than it is wide on a phone, less than on a desk. */
const CHART_POINTS = 360;

/** How soon a history is read again, by the distance of its points. */
type RefetchMs = (stepMs: number | undefined) => number;

/** What a server used over so many milliseconds until now. */
export function useNodeTelemetry(node: string, rangeMs: number, refetchMs: RefetchMs) {
  const path = "/api/v1/nodes/{node}/telemetry";
  return useQuery<TelemetryHistory>({
    queryKey: keyOf(path, node, rangeMs),
    queryFn: async ({ signal }) => {
      const params = { path: { node }, query: queryOf(rangeMs) };
      const { data } = await api.GET(path, { params, signal });
      return data as TelemetryHistory;
    },
    refetchInterval: ({ state }) => refetchMs(state.data?.step_ms),
    placeholderData: (held, query) => (isOf(node, query?.queryKey) ? held : undefined),
  });
}

/** What a workspace used, likewise. */
export function useWorkspaceTelemetry(workspace: string, rangeMs: number, refetchMs: RefetchMs) {
  const path = "/api/v1/workspaces/{workspace}/telemetry";
  return useQuery<WorkspaceTelemetry>({
    queryKey: keyOf(path, workspace, rangeMs),
    queryFn: async ({ signal }) => {
      const params = { path: { workspace }, query: queryOf(rangeMs) };
      const { data } = await api.GET(path, { params, signal });
      return data as WorkspaceTelemetry;
    },
    refetchInterval: ({ state }) => refetchMs(state.data?.step_ms),
    placeholderData: (held, query) => (isOf(workspace, query?.queryKey) ? held : undefined),
  });
}

/** By hand, since the request's own times change with every reading. */
function keyOf(path: string, id: string, rangeMs: number) {
  return ["get", path, { id, rangeMs }] as const;
}

function queryOf(rangeMs: number) {
  return { from: Date.now() - rangeMs, points: CHART_POINTS };
}

/** Whether it is another range of the same thing: what is shown stays until the new one is there. */
function isOf(id: string, key: readonly unknown[] | undefined): boolean {
  const [, , of] = (key ?? []) as [string?, string?, { id: string }?];
  return of?.id === id;
}
