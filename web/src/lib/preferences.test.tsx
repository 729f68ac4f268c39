import { QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import * as z from "zod/mini";
import { queryClient } from "@/api/query-client";
import { ACCOUNT, problem, serve } from "@/testing/server";
import { cachePreferences } from "./preference-cache";
import { type Document, preferenceNews, usePending } from "./preference-writer";
import { currentPreferences, definePreferences, setting, usePreferences } from "./preferences";
import { accountView } from "./session";

const error = vi.hoisted(() => vi.fn());
vi.mock("sonner", () => ({ toast: { error } }));

const SPACE = definePreferences("editor", {
  tabSize: setting(z.int().check(z.gte(1), z.lte(16)), 4),
  keymap: setting(z.enum(["default", "vim"]), "default"),
});

const LIST = "GET /api/v1/me/preferences";
const PUT = "PUT /api/v1/me/preferences/editor";
const VIEW = "GET /api/v1/me/preferences/editor";

const of = (value: Document, etag: string) => ({ namespace: "editor", value, etag });
const valueIn = (body: unknown) => (body as { value: Document }).value;

function show() {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
  );
  return renderHook(() => usePreferences(SPACE), { wrapper }).result;
}

/** A server that holds one object, as the real one does. */
function serveEditor(value: Document = {}) {
  const held = { value, version: 1 };
  const calls = serve({
    [LIST]: () => ({ items: [of(held.value, `"${held.version}"`)] }),
    [VIEW]: () => of(held.value, `"${held.version}"`),
    [PUT]: (body) => {
      Object.assign(held, { value: valueIn(body), version: held.version + 1 });
      return of(held.value, `"${held.version}"`);
    },
  });
  return { held, calls };
}

beforeEach(() => {
  queryClient.clear();
  localStorage.clear();
  usePending.setState({}, true);
  error.mockReset();
});

describe("preferences", () => {
  test("have a default for what is not set or makes no sense, key by key", () => {
    expect(SPACE.read(undefined)).toEqual({ tabSize: 4, keymap: "default" });
    expect(SPACE.read({ tabSize: 99, keymap: "vim" })).toEqual({ tabSize: 4, keymap: "vim" });
    expect(SPACE.read({ tabSize: 2, keymap: ["vim"], more: 1 })).toEqual({
      tabSize: 2,
      keymap: "default",
    });
  });

  test("are seen at once and sent; what this version does not know is kept", async () => {
    const { held } = serveEditor({ fromTheFuture: [1] });
    const shown = show();
    await waitFor(() => expect(queryClient.isFetching()).toBe(0));
    act(() => shown.current[1]({ tabSize: 2 }));
    expect(shown.current[0].tabSize).toBe(2);
    await waitFor(() => expect(held.value).toEqual({ fromTheFuture: [1], tabSize: 2 }));
    act(() => shown.current[1]({ tabSize: undefined }));
    expect(shown.current[0].tabSize).toBe(4);
    await waitFor(() => expect(held.value).toEqual({ fromTheFuture: [1] }));
  });

  test("of two that change different keys, both stay", async () => {
    const held = { value: {} as Document, etag: '"1"' };
    let first = true;
    serve({
      [LIST]: () => ({ items: [of({}, '"1"')] }),
      [VIEW]: () => of(held.value, held.etag),
      [PUT]: (body) => {
        if (first) {
          // Another device was faster.
          first = false;
          Object.assign(held, { value: { keymap: "vim" }, etag: '"2"' });
          return problem(412, "stale", "Changed meanwhile.", { etag: held.etag });
        }
        Object.assign(held, { value: valueIn(body), etag: '"3"' });
        return of(held.value, held.etag);
      },
    });
    const shown = show();
    await waitFor(() => expect(queryClient.isFetching()).toBe(0));
    act(() => shown.current[1]({ tabSize: 2 }));
    await waitFor(() => expect(held.value).toEqual({ keymap: "vim", tabSize: 2 }));
    await waitFor(() => expect(shown.current[0]).toEqual({ keymap: "vim", tabSize: 2 }));
    expect(error).not.toHaveBeenCalled();
  });

  test("that are refused are not shown as if they were saved, and it is said", async () => {
    serve({
      [LIST]: () => ({ items: [of({ tabSize: 8 }, '"1"')] }),
      [PUT]: () => problem(413, "too_large", "The object is too large."),
    });
    const shown = show();
    await waitFor(() => expect(shown.current[0].tabSize).toBe(8));
    act(() => shown.current[1]({ tabSize: 2 }));
    expect(shown.current[0].tabSize).toBe(2);
    await waitFor(() => expect(error).toHaveBeenCalledTimes(1));
    expect(shown.current[0].tabSize).toBe(8);
  });

  test("changed while a request is under way go with the next one", async () => {
    const { held, calls } = serveEditor();
    const shown = show();
    await waitFor(() => expect(queryClient.isFetching()).toBe(0));
    act(() => {
      for (const tabSize of [1, 2, 3, 5, 6]) shown.current[1]({ tabSize });
    });
    await waitFor(() => expect(held.value).toEqual({ tabSize: 6 }));
    expect(calls.filter(({ request }) => request === PUT)).toHaveLength(2);
  });

  test("of the last visit are there before the answer, for the same person only", () => {
    serveEditor();
    cachePreferences(ACCOUNT.id, [of({ tabSize: 2 }, '"1"')]);
    expect(currentPreferences(SPACE).tabSize).toBe(4);
    queryClient.setQueryData(accountView().queryKey, { ...ACCOUNT, id: "acc_2" });
    expect(currentPreferences(SPACE).tabSize).toBe(4);
    queryClient.setQueryData(accountView().queryKey, ACCOUNT);
    expect(currentPreferences(SPACE).tabSize).toBe(2);
    expect(show().current[0].tabSize).toBe(2);
  });

  test("are read again when news come of a version that is not held", async () => {
    const { held, calls } = serveEditor({ tabSize: 2 });
    const shown = show();
    await waitFor(() => expect(shown.current[0].tabSize).toBe(2));
    preferenceNews({ namespace: "editor", etag: '"1"' });
    expect(calls).toHaveLength(1);
    Object.assign(held, { value: { tabSize: 3 }, version: 2 });
    preferenceNews({ namespace: "editor", etag: '"2"' });
    await waitFor(() => expect(shown.current[0].tabSize).toBe(3));
  });
});
