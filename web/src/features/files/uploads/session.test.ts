import { File as NodeFile } from "node:buffer";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { problem } from "@/testing/server";
import type { UploadItem } from "./items";
import { UploadSession } from "./session";
import type { Upload } from "./work";

/** A server that keeps what comes, as the agent does, and fails when it is told to. */
class Disk {
  readonly files = new Map<string, Uint8Array>();
  readonly uploads = new Map<string, { path: string; bytes: Uint8Array }>();
  readonly requests: string[] = [];
  fail: (request: string) => Response | undefined = () => undefined;

  answer = async (input: RequestInfo | URL): Promise<Response> => {
    const request = input as Request;
    const url = new URL(request.url);
    const name = `${request.method} ${url.pathname.replace("/api/v1/workspaces/ws_1/files", "")}`;
    this.requests.push(name);
    const failure = this.fail(name);
    if (failure) return failure;
    const path = url.searchParams.get("path") ?? "";
    if (name === "POST /batch") return this.takeBatch(request, path);
    const body = new Uint8Array(await request.arrayBuffer());
    const condition = request.headers.get("If-None-Match") ?? request.headers.get("If-Match");
    const taken = () =>
      condition === "*" && request.headers.has("If-None-Match") && this.files.has(path)
        ? problem(412, "stale", "It changed.", { etag: '"now"' })
        : undefined;
    if (name === "POST /directory") return Response.json({});
    if (name === "PUT /content") {
      const refused = taken();
      if (refused) return refused;
      this.files.set(path, body);
      return Response.json({});
    }
    if (name === "POST /uploads") {
      const refused = taken();
      if (refused) return refused;
      const made = `upload_${this.uploads.size + 1}`;
      this.uploads.set(made, { path, bytes: new Uint8Array() });
      return Response.json({ id: made, offset: 0 });
    }
    const known = /^\w+ \/uploads\/(\w+)/.exec(name)?.[1] ?? "";
    const upload = this.uploads.get(known);
    if (!upload) return problem(404, "not_found", "There is no such upload.");
    if (request.method === "PATCH") {
      expect(request.headers.get("Upload-Offset")).toBe(String(upload.bytes.length));
      const bytes = new Uint8Array(upload.bytes.length + body.length);
      bytes.set(upload.bytes);
      bytes.set(body, upload.bytes.length);
      upload.bytes = bytes;
      return new Response(null, { status: 204 });
    }
    if (name.endsWith("/finish")) {
      this.files.set(upload.path, upload.bytes);
      return Response.json({});
    }
    return Response.json({ id: known, offset: upload.bytes.length });
  };

  private async takeBatch(request: Request, folder: string): Promise<Response> {
    const parts = [...(await request.formData()).entries()] as [string, File][];
    expect(new URL(request.url).searchParams.get("files")).toBe(String(parts.length));
    expect(request.headers.get("If-None-Match")).toBe("*");
    const items = parts.map(async ([name, file]) => {
      const path = folder === "" ? name : `${folder}/${name}`;
      const etag = '"now"';
      const refused = { status: 412, code: "stale", detail: "It changed.", etag };
      if (this.files.has(path)) return { path: name, outcome: "failed", problem: refused };
      this.files.set(path, new Uint8Array(await file.arrayBuffer()));
      return { path: name, outcome: "done" };
    });
    return Response.json({ items: await Promise.all(items) });
  }
}

beforeAll(async () => {
  // Of the kind that `fetch` here can send; jsdom's own it cannot.
  const sent = await new Response(new URLSearchParams()).formData();
  vi.stubGlobal("FormData", sent.constructor);
});

afterAll(() => {
  vi.unstubAllGlobals();
});

let shown: UploadSession | undefined;

afterEach(() => {
  vi.restoreAllMocks();
  // Whatever has happened, what is counted as it changes is what adding up gives.
  const { uploads = [], totals } = shown ?? {};
  const sum = (of: (upload: Upload) => number) =>
    uploads.reduce((before, upload) => before + of(upload), 0);
  expect(totals).toEqual({
    count: uploads.length,
    through: sum(({ state }) => (["done", "skipped", "failed"].includes(state) ? 1 : 0)),
    failed: sum(({ state }) => (state === "failed" ? 1 : 0)),
    bytes: sum(({ file }) => file.size),
    sentBytes: sum(({ state, sent, file }) => (state === "skipped" ? file.size : sent)),
  });
});

function setUp() {
  const disk = new Disk();
  vi.spyOn(globalThis, "fetch").mockImplementation(disk.answer);
  const session = new UploadSession(
    "ws_1",
    () => {},
    () => {},
  );
  shown = session;
  const add = (...items: UploadItem[]) =>
    session.add(
      (async function* () {
        yield items;
      })(),
    );
  const idle = () => vi.waitFor(() => expect(session.isIdle).toBe(true), { timeout: 5_000 });
  return { disk, session, add, idle };
}

/** Of the kind that `fetch` here can send; jsdom's own it cannot. */
function fileOf(content: string | Uint8Array<ArrayBuffer>, name: string): File {
  return new NodeFile([content], name) as unknown as File;
}

const small = (path: string): UploadItem => ({ path, file: fileOf(path, path) });
const large = (path: string): UploadItem => ({
  path,
  file: fileOf(new Uint8Array(3 * 1024 * 1024).fill(7), path),
});

describe("uploading", () => {
  it("sends small files together and large ones in parts", async () => {
    const { disk, session, add, idle } = setUp();
    await add({ path: "site" }, small("site/a"), small("site/b"), large("site/big"));
    await idle();
    expect([...disk.files.keys()].sort()).toEqual(["site/a", "site/b", "site/big"]);
    expect(disk.requests.filter((name) => name === "POST /batch")).toHaveLength(1);
    expect(disk.requests.filter((name) => name === "PUT /content")).toEqual([]);
    expect(disk.files.get("site/big")?.length).toBe(3 * 1024 * 1024);
    expect(disk.requests.filter((name) => name === "POST /directory")).toHaveLength(1);
    expect(session.totals).toMatchObject({ count: 3, through: 3 });
  });

  it("makes the folders that nothing lies in", async () => {
    const { disk, add, idle } = setUp();
    const folders = ["site", "site/empty", "site/deep", "site/deep/empty", "site/full"];
    await add(...folders.map((path) => ({ path })), small("site/full/a"));
    await idle();
    const made = disk.requests.filter((name) => name === "POST /directory");
    // The two, and the one of the file that was sent by itself.
    expect(made).toHaveLength(3);
  });

  it("sends thousands in few requests, and asks for each whose name is taken", async () => {
    const { disk, session, add, idle } = setUp();
    for (let index = 0; index < 1_000; index += 100) disk.files.set(`${index}`, new Uint8Array());
    await add(...Array.from({ length: 1_000 }, (_, index) => small(`${index}`)));
    const taken = () => session.uploads.filter(({ state }) => state === "conflict");
    await vi.waitFor(() => expect(session.totals.through + taken().length).toBe(1_000));
    expect(taken()).toHaveLength(10);
    expect(disk.requests).toHaveLength(8);
    const [first] = taken();
    if (!first) throw new Error("there are ten");
    session.choose(first, "replace", true);
    await idle();
    expect(disk.files.get("900")?.length).toBe(3);
    expect(disk.requests.filter((name) => name === "PUT /content")).toHaveLength(10);
  });

  it("sends them one by one where the agent knows no better", async () => {
    const { disk, add, idle } = setUp();
    disk.fail = (name) =>
      name === "POST /batch" ? problem(404, "not_found", "There is nothing.") : undefined;
    await add(...Array.from({ length: 300 }, (_, index) => small(`${index}`)));
    await idle();
    expect(disk.files.size).toBe(300);
    // As many as were on their way when it was found out.
    expect(disk.requests.filter((name) => name === "POST /batch").length).toBeLessThanOrEqual(4);
  });

  it("finds the one for which all were refused", async () => {
    const { disk, session, add, idle } = setUp();
    const tooLarge = problem(413, "too_large", "It is too large.");
    disk.fail = (name) => (name === "POST /batch" ? tooLarge.clone() : undefined);
    await add(...["a", "b", "c"].map(small));
    await idle();
    expect([...disk.files.keys()].sort()).toEqual(["a", "b", "c"]);
    expect(session.totals.failed).toBe(0);
  });

  it("tells of files that the browser cannot read, and sends the others", async () => {
    const { disk, session, add, idle } = setUp();
    const gone = small("gone");
    const unreadable = {
      arrayBuffer: () => Promise.reject(new DOMException("", "NotReadableError")),
    };
    vi.spyOn(gone.file as File, "slice").mockReturnValue(unreadable as unknown as Blob);
    let asked = 0;
    disk.fail = (name) => {
      if (name !== "POST /batch") return undefined;
      asked += 1;
      if (asked === 1) throw new TypeError("network");
      return undefined;
    };
    await add(gone, small("a"), small("b"));
    await idle();
    expect([...disk.files.keys()].sort()).toEqual(["a", "b"]);
    expect(session.uploads[0]).toMatchObject({ state: "failed", error: { code: "unreadable" } });
  });

  it("goes on together, in their order, when the line broke", async () => {
    const { disk, session, add, idle } = setUp();
    let broken = false;
    disk.fail = (name) => {
      if (name !== "POST /batch" || broken) return undefined;
      broken = true;
      throw new TypeError("network");
    };
    await add(...["a", "b", "c"].map(small));
    await vi.waitFor(() => expect(session.isOffline).toBe(true));
    await idle();
    expect([...disk.files.keys()]).toEqual(["a", "b", "c"]);
    expect(disk.requests).toEqual(["POST /batch", "POST /batch"]);
  });

  it("goes on where it was when the line broke", async () => {
    const { disk, session, add, idle } = setUp();
    let parts = 0;
    disk.fail = (name) => {
      if (!name.startsWith("PATCH")) return undefined;
      parts += 1;
      if (parts === 2) throw new TypeError("network");
      return undefined;
    };
    await add(large("big"));
    await vi.waitFor(() => expect(session.isOffline).toBe(true));
    await idle();
    expect(disk.files.get("big")?.length).toBe(3 * 1024 * 1024);
    expect(disk.requests.filter((name) => name === "POST /uploads")).toHaveLength(1);
  });

  it("begins again when the workspace has forgotten it", async () => {
    const { disk, add, idle } = setUp();
    let forgotten = false;
    disk.fail = (name) => {
      if (!name.endsWith("/finish") || forgotten) return undefined;
      forgotten = true;
      disk.uploads.clear();
      return problem(404, "not_found", "There is no such upload.");
    };
    await add(large("big"));
    await idle();
    expect(disk.files.get("big")?.length).toBe(3 * 1024 * 1024);
  });

  it("stops while it is paused, and sends nothing twice", async () => {
    const { disk, session, add, idle } = setUp();
    session.pause();
    await add(small("a"), large("big"));
    expect(disk.requests).toEqual([]);
    session.resume();
    await idle();
    expect([...disk.files.keys()].sort()).toEqual(["a", "big"]);
  });

  it("asks where a name is taken, and replaces only what was seen", async () => {
    const { disk, session, add, idle } = setUp();
    for (const name of ["a", "b", "c", "d"]) disk.files.set(name, new Uint8Array());
    const conditions: (string | null)[] = [];
    const answer = disk.answer;
    vi.mocked(fetch).mockImplementation((input) => {
      conditions.push((input as Request).headers.get("If-Match"));
      return answer(input);
    });
    await add(small("a"), small("b"), small("c"), small("d"));
    const taken = () => session.uploads.filter(({ state }) => state === "conflict");
    await vi.waitFor(() => expect(taken()).toHaveLength(4));
    const [a, b, c] = session.uploads;
    if (!a || !b || !c) throw new Error("there are four");
    session.choose(a, "replace", false);
    session.choose(b, "skip", false);
    session.choose(c, "keep_both", true);
    await idle();
    expect(conditions).toContain('"now"');
    expect(disk.files.get("a")?.length).toBe(1);
    expect(disk.files.get("b")?.length).toBe(0);
    expect([...disk.files.keys()].sort()).toEqual(["a", "b", "c", "c (2)", "d", "d (2)"]);
  });

  it("tells why one failed, and sends it again", async () => {
    const { disk, session, add, idle } = setUp();
    disk.fail = () => problem(507, "out_of_space", "No space is left.");
    await add(small("a"));
    await idle();
    const [failed] = session.uploads;
    expect(failed).toMatchObject({ state: "failed", error: { detail: "No space is left." } });
    disk.fail = () => undefined;
    if (failed) session.again(failed);
    await idle();
    await vi.waitFor(() => expect(disk.files.has("a")).toBe(true));
  });

  it("gives up what is on its way", async () => {
    const { disk, session, add } = setUp();
    disk.fail = (name) =>
      name.startsWith("PATCH") ? new Response(null, { status: 503 }) : undefined;
    await add(large("big"), small("a"));
    await vi.waitFor(() => expect(session.isOffline).toBe(true));
    session.cancel();
    expect(session.isIdle).toBe(true);
    await vi.waitFor(() => expect(disk.requests).toContain("DELETE /uploads/upload_1"));
    expect(disk.files.has("big")).toBe(false);
  });
});
