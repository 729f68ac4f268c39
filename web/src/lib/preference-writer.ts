/** Sends changed preferences: one request at a time for each namespace, keys and not whole objects. */
import i18next from "i18next";
import { toast } from "sonner";
import { create } from "zustand";
import { api } from "@/api/client";
import { ApiError, isRetryable } from "@/api/errors";
import { queryClient } from "@/api/query-client";
import type { Preference } from "@/api/types";
import { backoffMs } from "./backoff";
import { preferenceList } from "./preference-cache";

/** The object of a namespace, as the server holds it. */
export type Document = Record<string, unknown>;

const ONE = "/api/v1/me/preferences/{namespace}";

/** How often a change is tried: against another device that changes the same, or a server that is away. */
const TRIES = 6;

/** What was changed here and is not confirmed yet, by namespace; `undefined` takes a key away. */
export const usePending = create<Record<string, Document>>(() => ({}));

const writing = new Set<string>();

/** Changes keys of a namespace's object. */
export function changeDocument(namespace: string, change: Document): void {
  usePending.setState((state) => ({ [namespace]: { ...state[namespace], ...change } }));
  if (!writing.has(namespace)) void write(namespace);
}

async function write(namespace: string): Promise<void> {
  writing.add(namespace);
  try {
    for (;;) {
      const sent = usePending.getState()[namespace] ?? {};
      if (Object.keys(sent).length === 0) break;
      await send(namespace, sent);
      settle(namespace, sent);
    }
  } catch (error) {
    // What is not saved is not shown as if it were.
    usePending.setState({ [namespace]: {} });
    const detail = error instanceof ApiError ? error.detail : String(error);
    toast.error(i18next.t("preferences.notSaved", { detail }));
  } finally {
    writing.delete(namespace);
  }
}

/** Takes away what has arrived, but for keys that were changed again meanwhile. */
function settle(namespace: string, sent: Document): void {
  usePending.setState((state) => {
    const left = Object.entries(state[namespace] ?? {}).filter(
      ([key, value]) => !(key in sent) || sent[key] !== value,
    );
    return { [namespace]: Object.fromEntries(left) };
  });
}

async function send(namespace: string, change: Document): Promise<void> {
  let held = heldPreference(namespace) ?? (await read(namespace));
  for (let attempt = 1; ; attempt += 1) {
    try {
      await put(namespace, held, change);
      return;
    } catch (error) {
      if (!(error instanceof ApiError) || attempt === TRIES) throw error;
      if (error.code === "stale") held = await read(namespace);
      else if (isRetryable(error)) await wait(backoffMs(attempt));
      else throw error;
    }
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function put(namespace: string, held: Preference, change: Document): Promise<void> {
  const { data } = await api.PUT(ONE, {
    params: { path: { namespace }, header: { "If-Match": held.etag } },
    // JSON leaves out what is `undefined`.
    body: { value: { ...held.value, ...change } },
  });
  if (data) await keep(data);
}

async function read(namespace: string): Promise<Preference> {
  const { data } = await api.GET(ONE, { params: { path: { namespace } } });
  if (!data) throw new Error("an answer without a body");
  await keep(data);
  return data;
}

const { queryKey } = preferenceList();

function heldPreference(namespace: string): Preference | undefined {
  const items = queryClient.getQueryData(queryKey)?.items;
  return items?.find((item) => item.namespace === namespace);
}

/** Puts an answer where the list is held. One that is under way may be older: it is begun again. */
async function keep(preference: Preference): Promise<void> {
  const underway = queryClient.isFetching({ queryKey }) > 0;
  await queryClient.cancelQueries({ queryKey });
  queryClient.setQueryData(queryKey, (list) => {
    const others = (list?.items ?? []).filter((item) => item.namespace !== preference.namespace);
    return { items: [...others, preference] };
  });
  if (underway) void queryClient.invalidateQueries({ queryKey });
}

/** News that a namespace has changed somewhere. */
export function preferenceNews(news: { namespace: string; etag: string }): void {
  if (heldPreference(news.namespace)?.etag === news.etag) return;
  void queryClient.invalidateQueries({ queryKey });
}
