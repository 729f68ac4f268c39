import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { socketUrl } from "@/api/client";
import type { Workspace } from "@/api/types";
import { EventClient, type ServerEvent, useConnection } from "./events";
import { jobNews } from "./job-sync";
import { nodeNews } from "./node-sync";
import { preferenceNews } from "./preference-writer";
import { repositoryNews } from "./repository-sync";

const LIST_PATH = "/api/v1/organizations/{organization}/workspaces";
const VIEW_PATH = "/api/v1/workspaces/{workspace}";

const ROLLOUT_PATHS = [
  "/api/v1/organizations/{organization}/node-rollouts",
  "/api/v1/node-rollouts/{node_rollout}/nodes",
];

type Pages = InfiniteData<{ items: Workspace[]; next_cursor?: string | null }>;

interface Init {
  params?: {
    path?: { workspace?: string; organization?: string };
    query?: { deleted?: boolean; node?: string };
  };
}

function initOf(key: readonly unknown[]): Init {
  return (key[2] ?? {}) as Init;
}

function isNewer(next: Workspace, held: Workspace | undefined): boolean {
  return !held || next.version > held.version;
}

/** Puts a workspace, as an event or an answer brought it, wherever it is shown. */
export function applyWorkspace(client: QueryClient, workspace: Workspace): void {
  for (const [key, held] of client.getQueriesData<Workspace>({ queryKey: ["get", VIEW_PATH] })) {
    if (initOf(key).params?.path?.workspace === workspace.id && isNewer(workspace, held)) {
      client.setQueryData(key, workspace);
    }
  }
  for (const [key, pages] of client.getQueriesData<Pages>({ queryKey: ["get", LIST_PATH] })) {
    const { path, query } = initOf(key).params ?? {};
    if (!pages?.pages || path?.organization !== workspace.organization_id) continue;
    const there = query?.node === undefined || query.node === workspace.node_id;
    const belongs = there && (workspace.state === "deleted") === (query?.deleted === true);
    const next = withWorkspace(pages, workspace, belongs);
    if (next !== pages) client.setQueryData(key, next);
  }
}

function withWorkspace(pages: Pages, workspace: Workspace, belongs: boolean): Pages {
  const held = pages.pages.flatMap((page) => page.items).find(({ id }) => id === workspace.id);
  if (held && !isNewer(workspace, held)) return pages;
  if (!held && !belongs) return pages;
  const edited = pages.pages.map((page, index) => {
    if (!held) return index === 0 ? { ...page, items: [workspace, ...page.items] } : page;
    const items = belongs
      ? page.items.map((item) => (item.id === workspace.id ? workspace : item))
      : page.items.filter((item) => item.id !== workspace.id);
    return { ...page, items };
  });
  return { ...pages, pages: edited };
}

/** Takes a purged workspace out of every list. */
function removeWorkspace(client: QueryClient, id: string): void {
  client.setQueriesData<Pages>({ queryKey: ["get", LIST_PATH] }, (pages) =>
    pages?.pages
      ? {
          ...pages,
          pages: pages.pages.map((page) => ({
            ...page,
            items: page.items.filter((item) => item.id !== id),
          })),
        }
      : pages,
  );
}

/** Reads again what is shown of updates of servers. */
export function applyRollouts(client: QueryClient): void {
  for (const path of ROLLOUT_PATHS) void client.invalidateQueries({ queryKey: ["get", path] });
}

/** Brings an event into the cache of server data. */
export function applyEvent(client: QueryClient, event: ServerEvent): void {
  switch (event.body.kind) {
    case "workspace_changed":
      applyWorkspace(client, event.body.workspace);
      break;
    case "workspace_purged":
      removeWorkspace(client, event.body.workspace_id);
      break;
    case "node_changed":
      nodeNews(client).changed(event.body.node);
      break;
    case "node_deleted":
      nodeNews(client).deleted(event.body.node_id);
      break;
    case "node_job_changed":
      jobNews(client).job(event.body.node_job_id);
      break;
    case "schedule_changed":
    case "schedule_deleted":
      jobNews(client).schedule();
      break;
    case "node_rollout_changed":
      applyRollouts(client);
      break;
    case "port_changed":
      void client.invalidateQueries({
        queryKey: ["get", "/api/v1/workspaces/{workspace}/ports"],
      });
      break;
    case "repositories_changed":
      repositoryNews(client);
      break;
    case "organization_changed":
      void client.invalidateQueries({ queryKey: ["get", "/api/v1/me"] });
      void client.invalidateQueries({
        queryKey: ["get", "/api/v1/organizations/{organization}/members"],
      });
      break;
    case "preference_changed":
      preferenceNews(event.body);
      break;
    default:
      break;
  }
}

let active: EventClient | undefined;

/** Starts the one event connection of the page; the returned function ends it. */
export function startEvents(client: QueryClient, topics: string[]): () => void {
  const events = new EventClient({
    url: socketUrl("/api/v1/events"),
    onEvent: (event) => applyEvent(client, event),
    onDropped: () => void client.invalidateQueries(),
    onState: (connection) => useConnection.setState({ connection }),
  });
  active = events;
  events.start(topics);
  const retry = () => events.retryNow();
  window.addEventListener("online", retry);
  return () => {
    window.removeEventListener("online", retry);
    events.stop();
    if (active === events) active = undefined;
  };
}

/** Reconnects now; what "Retry now" does. */
export function retryEventsNow(): void {
  active?.retryNow();
}
