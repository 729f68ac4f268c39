import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { JsonLines } from "@/lib/json-lines";
import { globsOf, SearchSession } from "./session";
import { DONE, fileEvent, fileOf, SUMMARY } from "./testing";
import type { SearchEvent, TextSearch } from "./types";

/** A server whose answers the test gives. */
function fakeServer() {
  const searches: {
    request: TextSearch;
    signal: AbortSignal;
    tell: (...events: SearchEvent[]) => void;
    end: () => void;
    fail: (error: unknown) => void;
  }[] = [];
  const search = (
    _: string,
    request: TextSearch,
    signal: AbortSignal,
    found: (events: SearchEvent[]) => void,
  ) =>
    new Promise<void>((resolve, reject) => {
      searches.push({
        request,
        signal,
        tell: (...events) => found(events),
        end: resolve,
        fail: reject,
      });
    });
  return { session: new SearchSession("ws_1", search), searches };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("typing", () => {
  test("searches after a pause, and ends what is out of date", () => {
    const { session, searches } = fakeServer();
    session.set({ query: "a" });
    session.set({ query: "ab" });
    expect(searches).toHaveLength(0);
    vi.runAllTimers();
    expect(searches.map(({ request }) => request.pattern.query)).toEqual(["ab"]);
    session.set({ caseSensitive: true });
    vi.runAllTimers();
    expect(searches[0]?.signal.aborted).toBe(true);
    expect(searches[1]?.request.pattern.case).toBe("sensitive");
  });

  test("what only changes the view searches nothing", () => {
    const { session, searches } = fakeServer();
    session.set({ details: true });
    vi.runAllTimers();
    expect(searches).toHaveLength(0);
  });

  test("an empty query has no results", async () => {
    const { session, searches } = fakeServer();
    session.set({ query: "a" });
    vi.runAllTimers();
    searches[0]?.tell(fileEvent(fileOf("x", ["a", [0]])));
    session.set({ query: "" });
    await vi.runAllTimersAsync();
    expect(session.state.getState()).toMatchObject({ status: "idle", files: [] });
  });
});

describe("results", () => {
  test("come in while the search goes on; old ones stay until then", async () => {
    const { session, searches } = fakeServer();
    session.set({ query: "a" });
    vi.runAllTimers();
    searches[0]?.tell(fileEvent(fileOf("b", ["a", [0]])), fileEvent(fileOf("a", ["a", [0]])));
    searches[0]?.tell({ type: "progress", files: 7 });
    const paths = () => session.state.getState().files.map(({ path }) => path);
    expect(paths()).toEqual(["a", "b"]);
    expect(session.state.getState()).toMatchObject({ status: "searching", searched: 7 });
    searches[0]?.tell(DONE);
    expect(session.state.getState()).toMatchObject({ status: "done", summary: SUMMARY });
    void session.run();
    expect(paths()).toEqual(["a", "b"]);
    searches[1]?.tell(fileEvent(fileOf("c", ["a", [0]])));
    expect(paths()).toEqual(["c"]);
    // What comes late for the first is nobody's.
    searches[0]?.tell(fileEvent(fileOf("z", ["a", [0]])));
    expect(paths()).toEqual(["c"]);
  });

  test("nothing found takes the old ones away", () => {
    const { session, searches } = fakeServer();
    session.set({ query: "a" });
    vi.runAllTimers();
    searches[0]?.tell(fileEvent(fileOf("b", ["a", [0]])), DONE);
    void session.run();
    searches[1]?.tell(DONE);
    expect(session.state.getState().files).toEqual([]);
  });

  test("an error is kept to be shown", async () => {
    const { session, searches } = fakeServer();
    session.set({ query: "(" });
    vi.runAllTimers();
    const error = new ApiError({ status: 422, code: "invalid", detail: "unclosed group" });
    searches[0]?.fail(error);
    await vi.runAllTimersAsync();
    expect(session.state.getState()).toMatchObject({ status: "failed", error });
  });

  test("a cancelled search keeps what it has found", () => {
    const { session, searches } = fakeServer();
    session.set({ query: "a" });
    vi.runAllTimers();
    searches[0]?.tell(fileEvent(fileOf("b", ["a", [0]])));
    session.cancel();
    expect(searches[0]?.signal.aborted).toBe(true);
    expect(session.state.getState()).toMatchObject({ status: "done", summary: undefined });
    expect(session.state.getState().files).toHaveLength(1);
  });
});

test("what matches would become is asked for while replacing", () => {
  const { session, searches } = fakeServer();
  session.set({ query: "a", replacement: "b" });
  vi.runAllTimers();
  expect(searches[0]?.request.replacement).toBeUndefined();
  session.set({ replacing: true });
  vi.runAllTimers();
  expect(searches[1]?.request.replacement).toBe("b");
});

test("globs are apart by commas, but for those in braces", () => {
  expect(globsOf("*.ts, src/{a,b}/**,, ")).toEqual(["*.ts", "src/{a,b}/**"]);
});

test("lines are put together from any pieces", () => {
  const reader = new JsonLines();
  const bytes = new TextEncoder().encode(
    `${JSON.stringify({ type: "progress", files: 1 })}\n${JSON.stringify(fileEvent(fileOf("é")))}\n`,
  );
  const events = [...bytes].flatMap((byte) => reader.push(Uint8Array.of(byte)));
  expect(events).toEqual([{ type: "progress", files: 1 }, fileEvent(fileOf("é"))]);
});
