import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import type { Node, NodeFilter } from "@/api/types";

const LIST_PATH = "/api/v1/organizations/{organization}/nodes";
const VIEW_PATH = "/api/v1/nodes/{node}";
const AUDIT_PATH = "/api/v1/organizations/{organization}/audit-events";
const TOKENS_PATH = "/api/v1/organizations/{organization}/node-tokens";

interface Page {
  items: Node[];
  next_cursor?: string | null;
}
type Pages = InfiniteData<Page>;

interface Init {
  params?: { path?: { node?: string; organization?: string }; query?: NodeFilter };
}

interface AuditInit {
  params?: { query?: { resource?: string } };
}

/** Changes of servers by id; `undefined` where it was removed. */
export type NodeChanges = ReadonlyMap<string, Node | undefined>;

/** Whether a server belongs to a list narrowed like this; mirrors the control plane's filter. */
export function matchesFilter(node: Node, { search, label, state }: NodeFilter): boolean {
  const wanted = (search ?? "").trim().toLowerCase();
  if (!node.name.toLowerCase().includes(wanted)) return false;
  if (state !== undefined && node.state !== state) return false;
  if (!label) return true;
  const at = label.indexOf("=");
  if (at < 0) return Object.hasOwn(node.labels ?? {}, label);
  return node.labels?.[label.slice(0, at)] === label.slice(at + 1);
}

function changedPage(page: Page, changes: NodeChanges, belongs: (node: Node) => boolean): Page {
  let touched = false;
  const items = page.items.flatMap((held) => {
    if (!changes.has(held.id)) return [held];
    touched = true;
    const next = changes.get(held.id);
    return next && belongs(next) ? [next] : [];
  });
  return touched ? { ...page, items } : page;
}

/**
 * New rows stand in the order of ids, which grow with time. What belongs after the last row that was
 * read comes with its own page.
 */
function changedPages(pages: Pages, changes: NodeChanges, belongs: (node: Node) => boolean): Pages {
  const held = new Set(pages.pages.flatMap((page) => page.items.map(({ id }) => id)));
  const next = pages.pages.map((page) => changedPage(page, changes, belongs));
  const added = [...changes.values()].filter(
    (node): node is Node => node !== undefined && !held.has(node.id) && belongs(node),
  );
  for (const node of added) {
    const at = next.findIndex((page, index) => {
      const last = page.items.at(-1);
      const end = index === next.length - 1 && !page.next_cursor;
      return end || (last !== undefined && node.id < last.id);
    });
    const page = next[at];
    if (!page) continue;
    const items = [...page.items, node].sort((a, b) => (a.id < b.id ? -1 : 1));
    next[at] = { ...page, items };
  }
  return { ...pages, pages: next };
}

/** Puts servers, as events or answers brought them, wherever they are shown. */
export function applyNodes(client: QueryClient, changes: NodeChanges): void {
  for (const [key, held] of client.getQueriesData<Node>({ queryKey: ["get", VIEW_PATH] })) {
    const id = (key[2] as Init).params?.path?.node;
    const node = id === undefined ? undefined : changes.get(id);
    if (node && held) client.setQueryData(key, node);
    else if (id !== undefined && changes.has(id)) void client.invalidateQueries({ queryKey: key });
  }
  for (const [key, data] of client.getQueriesData<Pages | Page>({ queryKey: ["get", LIST_PATH] })) {
    if (!data) continue;
    const { path, query } = (key[2] as Init).params ?? {};
    const belongs = (node: Node) =>
      node.organization_id === path?.organization && matchesFilter(node, query ?? {});
    if ("pages" in data) client.setQueryData(key, changedPages(data, changes, belongs));
    else {
      const one: Pages = { pages: [data], pageParams: [null] };
      client.setQueryData(key, changedPages(one, changes, belongs).pages[0]);
    }
  }
}

/** One server, as an answer brought it. */
export function applyNode(client: QueryClient, node: Node): void {
  applyNodes(client, new Map([[node.id, node]]));
}

/** A restart of the control plane brings thousands of events at once: they are applied together. */
const GATHER_MS = 50;

class NodeNews {
  #changes = new Map<string, Node | undefined>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  changed(node: Node): void {
    this.#add(node.id, node);
  }

  deleted(id: string): void {
    this.#add(id, undefined);
  }

  #add(id: string, node: Node | undefined): void {
    this.#changes.set(id, node);
    this.#timer ??= setTimeout(() => this.#apply(), GATHER_MS);
  }

  #apply(): void {
    const changes = this.#changes;
    this.#changes = new Map();
    this.#timer = undefined;
    applyNodes(this.client, changes);
    // Who changed it is in the audit log.
    void this.client.invalidateQueries({
      queryKey: ["get", AUDIT_PATH],
      predicate: ({ queryKey }) =>
        changes.has((queryKey[2] as AuditInit).params?.query?.resource ?? ""),
    });
    // Who came may have come with a token that somebody watches.
    void this.client.invalidateQueries({ queryKey: ["get", TOKENS_PATH] });
  }
}

const news = new WeakMap<QueryClient, NodeNews>();

/** Gathers what events say of servers, for a cache. */
export function nodeNews(client: QueryClient): NodeNews {
  const held = news.get(client) ?? new NodeNews(client);
  news.set(client, held);
  return held;
}
