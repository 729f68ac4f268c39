import { describe, expect, it } from "vitest";
import { TEXT_BYTES_MAX } from "./content";
import { inConflict, isDirty } from "./document";
import { merge3 } from "./merge/merge3";
import type { AutosaveMode } from "./openFile";
import { EditorSession } from "./session";
import { FakeBuffer, FakeDisk, FakeTimers, settled } from "./testing";

function setUp(stored = new Map<string, string>()) {
  const disk = new FakeDisk();
  const timers = new FakeTimers();
  const buffers = new Map<string, FakeBuffer>();
  const setting: { autosave: AutosaveMode } = { autosave: "delay" };
  const session = new EditorSession({
    files: disk,
    createBuffer: async (path, text, edited) => {
      const buffer = new FakeBuffer(text, edited);
      buffers.set(path, buffer);
      return buffer;
    },
    schedule: timers.schedule,
    storage: {
      getItem: (key) => stored.get(key) ?? null,
      setItem: (key, value) => void stored.set(key, value),
    },
    workspace: "ws_1",
    autosave: () => setting.autosave,
    merge: async (mine, base, theirs) => merge3(mine, base, theirs),
  });
  const buffer = (path: string) => {
    const found = buffers.get(path);
    if (!found) throw new Error(`${path} has no buffer`);
    return found;
  };
  const document = (path: string) => {
    const found = session.file(path)?.document;
    if (!found) throw new Error(`${path} is not open as text`);
    return found;
  };
  return { disk, timers, session, setting, buffer, document, stored };
}

async function opened(text = "one\n") {
  const parts = setUp();
  parts.disk.put("a.txt", text);
  parts.session.open("a.txt");
  await settled();
  return parts;
}

describe("opening", () => {
  it("at a place asks for it to be shown, until it was", () => {
    const { session } = setUp();
    session.open("a.txt", { line: 3, column: 2, endColumn: 7 });
    expect(session.state.getState().reveal).toMatchObject({
      path: "a.txt",
      place: { line: 3, column: 2, endColumn: 7 },
    });
    session.revealed();
    expect(session.state.getState().reveal).toBeUndefined();
  });

  it("only to look replaces what was looked into, but nothing that was edited", async () => {
    const { disk, session, buffer } = setUp();
    for (const name of ["a", "b", "c"]) disk.put(name, name);
    session.open("a", { preview: true });
    await settled();
    session.open("b", { preview: true });
    await settled();
    expect(buffer("a").disposed).toBe(true);
    expect(session.file("a")).toBeUndefined();
    buffer("b").type("edited");
    session.open("c", { preview: true });
    expect(session.state.getState().tabs.order).toEqual(["b", "c"]);
  });
});

describe("saving", () => {
  it("happens by itself when typing pauses, over the version that was read", async () => {
    const { disk, timers, buffer, document } = await opened();
    buffer("a.txt").type("two\n");
    expect(isDirty(document("a.txt"))).toBe(true);
    buffer("a.txt").type("three\n");
    expect(timers.waits()).toEqual([1000]);
    timers.fire();
    await settled();
    expect(disk.text("a.txt")).toBe("three\n");
    expect(disk.writes).toBe(1);
    expect(isDirty(document("a.txt"))).toBe(false);
  });

  it("waits for Ctrl+S when autosave is off, and resumes when it is switched on", async () => {
    const { disk, timers, session, setting, buffer } = await opened();
    setting.autosave = "off";
    session.autosaveChanged();
    buffer("a.txt").type("two\n");
    timers.fire();
    await settled();
    expect(disk.writes).toBe(0);
    await session.active?.save();
    expect(disk.text("a.txt")).toBe("two\n");
    buffer("a.txt").type("three\n");
    setting.autosave = "delay";
    session.autosaveChanged();
    timers.fire();
    await settled();
    expect(disk.text("a.txt")).toBe("three\n");
  });

  it("waits for the focus to leave the text when that is chosen", async () => {
    const { disk, timers, session, setting, buffer } = await opened();
    setting.autosave = "focus";
    buffer("a.txt").type("two\n");
    expect(timers.waits()).toEqual([]);
    session.active?.blurred();
    await settled();
    expect(disk.text("a.txt")).toBe("two\n");
    disk.put("a.txt", "theirs\n");
    buffer("a.txt").type("mine\n");
    session.active?.blurred();
    await settled();
    expect(disk.text("a.txt")).toBe("theirs\n");
  });

  it("follows the project's EditorConfig", async () => {
    const { disk, session, buffer } = setUp();
    disk.put(".editorconfig", "[*.txt]\ntrim_trailing_whitespace = true\n");
    disk.put("app/.editorconfig", "[*]\ninsert_final_newline = true\n");
    disk.put("app/a.txt", "");
    session.open("app/a.txt");
    await settled();
    buffer("app/a.txt").type("x  \ny\t");
    await session.active?.save();
    expect(disk.text("app/a.txt")).toBe("x\ny\n");
    disk.put("app/.editorconfig", "root = true\n");
    session.pathsChanged(["app/.editorconfig"]);
    await settled();
    buffer("app/a.txt").type("x  ");
    await session.active?.save();
    expect(disk.text("app/a.txt")).toBe("x  ");
  });

  it("does nothing on a clean buffer; undoing an edit makes it clean", async () => {
    const { disk, session, buffer, document } = await opened();
    buffer("a.txt").type("two\n");
    buffer("a.txt").type("one\n");
    expect(isDirty(document("a.txt"))).toBe(false);
    expect(await session.active?.save()).toBe(true);
    expect(disk.writes).toBe(0);
  });

  it("keeps what is typed while it is under way dirty, and saves it next", async () => {
    const { disk, timers, session, buffer, document } = await opened();
    let open = () => {};
    disk.gate = new Promise((resolve) => {
      open = resolve;
    });
    buffer("a.txt").type("two\n");
    const saving = session.active?.save();
    buffer("a.txt").type("three\n");
    open();
    await saving;
    expect(disk.text("a.txt")).toBe("two\n");
    expect(isDirty(document("a.txt"))).toBe(true);
    timers.fire();
    await settled();
    expect(disk.text("a.txt")).toBe("three\n");
  });

  it.each([
    [507, "out_of_space"],
    [0, "network"],
  ] as const)(
    "that fails with %i %s keeps the buffer, says so, and is tried again",
    async (status, code) => {
      const { disk, timers, session, buffer, document } = await opened();
      disk.failure = { status, code };
      buffer("a.txt").type("two\n");
      expect(await session.active?.save()).toBe(false);
      expect(document("a.txt").failure).toEqual({ code, message: `the disk says ${code}` });
      expect(buffer("a.txt").text()).toBe("two\n");
      expect(disk.text("a.txt")).toBe("one\n");
      disk.failure = undefined;
      expect(timers.waits()).toEqual([5000]);
      timers.fire();
      await settled();
      expect(disk.text("a.txt")).toBe("two\n");
      expect(document("a.txt").failure).toBeUndefined();
    },
  );

  it("that was refused for good is not tried again", async () => {
    const { disk, timers, session, buffer } = await opened();
    disk.failure = { status: 403, code: "forbidden" };
    buffer("a.txt").type("two\n");
    await session.active?.save();
    expect(timers.waits()).toEqual([]);
  });

  it("whose answer was lost is recognized as done", async () => {
    const { disk, session, buffer, document } = await opened();
    disk.loseAnswer = true;
    buffer("a.txt").type("two\n");
    expect(await session.active?.save()).toBe(false);
    disk.loseAnswer = false;
    expect(await session.active?.save()).toBe(true);
    expect(disk.writes).toBe(1);
    expect(isDirty(document("a.txt"))).toBe(false);
  });
});

describe("a file that changed on disk", () => {
  it("is shown at once where nothing was edited", async () => {
    const { disk, session, buffer, document } = await opened();
    disk.put("a.txt", "theirs\n");
    session.pathsChanged(["a.txt"]);
    await settled();
    expect(buffer("a.txt").text()).toBe("theirs\n");
    expect(isDirty(document("a.txt"))).toBe(false);
  });

  it("is a conflict where something was edited, and is never overwritten by itself", async () => {
    const { disk, timers, session, buffer, document } = await opened();
    buffer("a.txt").type("mine\n");
    disk.put("a.txt", "theirs\n");
    session.pathsChanged(["a.txt"]);
    await settled();
    expect(inConflict(document("a.txt"))).toBe(true);
    buffer("a.txt").type("mine too\n");
    timers.fire();
    expect(await session.active?.save()).toBe(false);
    expect(disk.text("a.txt")).toBe("theirs\n");
    expect(await session.active?.theirs()).toBe("theirs\n");
  });

  it("unseen is found by the save itself (412)", async () => {
    const { disk, session, buffer, document } = await opened();
    disk.put("a.txt", "theirs\n");
    buffer("a.txt").type("mine\n");
    expect(await session.active?.save()).toBe(false);
    expect(inConflict(document("a.txt"))).toBe(true);
    expect(disk.text("a.txt")).toBe("theirs\n");
  });

  it("is overwritten when a person says so, but only the version that they saw", async () => {
    const { disk, session, buffer, document } = await opened();
    buffer("a.txt").type("mine\n");
    disk.put("a.txt", "theirs\n");
    session.rescan();
    await settled();
    disk.put("a.txt", "theirs again\n");
    expect(await session.active?.overwrite()).toBe(false);
    expect(disk.text("a.txt")).toBe("theirs again\n");
    expect(inConflict(document("a.txt"))).toBe(true);
    expect(await session.active?.overwrite()).toBe(true);
    expect(disk.text("a.txt")).toBe("mine\n");
    expect(isDirty(document("a.txt"))).toBe(false);
  });

  it("replaces the edits when a person says so", async () => {
    const { disk, session, buffer, document } = await opened();
    buffer("a.txt").type("mine\n");
    disk.put("a.txt", "theirs\n");
    session.rescan();
    await settled();
    await session.active?.takeTheirs();
    expect(buffer("a.txt").text()).toBe("theirs\n");
    expect(isDirty(document("a.txt"))).toBe(false);
    expect(document("a.txt").disk.kind).toBe("same");
  });

  it("only in its ETag is no conflict, and is saved", async () => {
    const { disk, session, setting, buffer } = await opened();
    setting.autosave = "off";
    buffer("a.txt").type("mine\n");
    disk.put("a.txt", "one\n");
    expect(await session.active?.save()).toBe(true);
    expect(disk.text("a.txt")).toBe("mine\n");
  });

  it("by our own save is no conflict, even when the watch tells first", async () => {
    const { disk, session, buffer, document } = await opened();
    let open = () => {};
    disk.gate = new Promise((resolve) => {
      open = resolve;
    });
    buffer("a.txt").type("two\n");
    const saving = session.active?.save();
    session.pathsChanged(["a.txt"]);
    open();
    await saving;
    await settled();
    expect(document("a.txt").disk.kind).toBe("same");
    expect(isDirty(document("a.txt"))).toBe(false);
  });

  it("elsewhere than the edits is merged with them, and both are saved", async () => {
    const { disk, timers, session, buffer, document } = await opened("1\n2\n3\n4\n5\n");
    buffer("a.txt").type("one\n2\n3\n4\n5\n");
    disk.put("a.txt", "1\n2\n3\n4\nfive\n");
    session.pathsChanged(["a.txt"]);
    await settled();
    expect(buffer("a.txt").text()).toBe("one\n2\n3\n4\nfive\n");
    expect(document("a.txt")).toMatchObject({ notice: "merged", disk: { kind: "same" } });
    expect(isDirty(document("a.txt"))).toBe(true);
    timers.fire();
    await settled();
    expect(disk.text("a.txt")).toBe("one\n2\n3\n4\nfive\n");
    session.active?.noticed();
    expect(document("a.txt").notice).toBeUndefined();
  });

  it("is merged by a person where both changed the same, over the version that they saw", async () => {
    const { disk, session, buffer, document } = await opened();
    buffer("a.txt").type("mine\n");
    disk.put("a.txt", "theirs\n");
    session.rescan();
    await settled();
    expect(await session.active?.threeTexts()).toEqual({
      mine: "mine\n",
      base: "one\n",
      theirs: "theirs\n",
    });
    session.active?.adoptMerge("both\n", "theirs\n");
    expect(inConflict(document("a.txt"))).toBe(false);
    expect(await session.active?.save()).toBe(true);
    expect(disk.text("a.txt")).toBe("both\n");
  });

  it("into a binary, or out of the editor's size, loses no edits", async () => {
    const { disk, session, buffer, document } = await opened();
    buffer("a.txt").type("mine\n");
    disk.put("a.txt", new Uint8Array([0, 1, 2, 3, 0]));
    session.rescan();
    await settled();
    expect(inConflict(document("a.txt"))).toBe(true);
    expect(buffer("a.txt").text()).toBe("mine\n");
    disk.put("a.txt", new Uint8Array(TEXT_BYTES_MAX + 1));
    session.rescan();
    await settled();
    expect(inConflict(document("a.txt"))).toBe(true);
    await session.active?.overwrite();
    expect(disk.text("a.txt")).toBe("mine\n");
  });

  it("and was deleted is said; only Ctrl+S makes it anew", async () => {
    const { disk, timers, session, buffer, document } = await opened();
    buffer("a.txt").type("two\n");
    disk.files.delete("a.txt");
    session.pathsChanged(["a.txt"]);
    await settled();
    expect(document("a.txt").disk.kind).toBe("deleted");
    timers.fire();
    await settled();
    expect(disk.files.has("a.txt")).toBe(false);
    expect(await session.active?.save()).toBe(true);
    expect(disk.text("a.txt")).toBe("two\n");
  });
});

describe("what is opened", () => {
  it.each([
    ["nul", new Uint8Array([0x7f, 0x45, 0, 1]), "binary"],
    ["utf8", new Uint8Array([0x68, 0xff, 0xfe]), "binary"],
  ] as const)("with %s is not text", async (reason, bytes, kind) => {
    const { disk, session } = setUp();
    disk.put("blob", new Uint8Array(bytes));
    session.open("blob");
    await settled();
    expect(session.active?.content).toMatchObject({ kind, reason, size: bytes.length });
    expect(session.dirtyPaths()).toEqual([]);
  });

  it("keeps a byte order mark and carriage returns through a save", async () => {
    const { disk, session, buffer } = await opened("\ufeffa\r\n");
    expect(buffer("a.txt").text()).toBe("a\r\n");
    buffer("a.txt").type("b\r\n");
    await session.active?.save();
    expect([...(disk.files.get("a.txt")?.bytes ?? [])]).toEqual([0xef, 0xbb, 0xbf, 0x62, 13, 10]);
  });

  it("in another encoding is read and saved as a person says", async () => {
    const { disk, session, buffer } = setUp();
    const bytes = new Uint8Array([0xcf, 0xf0, 0xe8, 0x0a]);
    disk.put("a.txt", bytes);
    session.open("a.txt");
    await settled();
    expect(session.active?.content).toMatchObject({ kind: "binary", reason: "utf8" });
    await session.active?.reopenAs("windows-1251");
    await settled();
    expect(buffer("a.txt").text()).toBe("При\n");
    buffer("a.txt").type("Привет\n");
    expect(await session.active?.save()).toBe(true);
    expect([...(disk.files.get("a.txt")?.bytes ?? [])]).toEqual([
      0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2, 0x0a,
    ]);
    buffer("a.txt").type("Привет\n中\n");
    expect(await session.active?.save()).toBe(false);
    expect(session.active?.document?.failure).toMatchObject({
      code: "encoding",
      character: "中",
      line: 2,
    });
    expect(await session.active?.saveAs({ encoding: "utf-8", bom: false })).toBe(true);
    expect(disk.text("a.txt")).toBe("Привет\n中\n");
  });

  it("with mixed line endings says that saving makes them alike", async () => {
    const { document } = await opened("a\r\nb\n");
    expect(document("a.txt").notice).toBe("mixedEndings");
  });

  it("is shown by a viewer where its name says so", async () => {
    const { disk, session } = setUp();
    disk.put("paper.pdf", "%PDF-1.7");
    session.open("paper.pdf");
    await settled();
    expect(session.active?.content.kind).toBe("pdf");
  });

  it("and is gone is said, and shown when it comes", async () => {
    const { disk, session } = setUp();
    session.open("later.txt");
    await settled();
    expect(session.active?.content.kind).toBe("absent");
    disk.put("later.txt", "now\n");
    session.pathsChanged(["later.txt"]);
    await settled();
    expect(session.active?.content.kind).toBe("text");
  });

  it("is open again at the next visit", async () => {
    const { session, disk, stored } = await opened();
    disk.put("b.txt", "b");
    session.open("b.txt");
    session.open("a.txt");
    const next = setUp(stored);
    next.disk.put("a.txt", "one\n");
    next.session.restore();
    await settled();
    expect(next.session.state.getState().tabs).toMatchObject({
      order: ["a.txt", "b.txt"],
      active: "a.txt",
    });
    expect(next.session.active?.content.kind).toBe("text");
    expect(next.session.file("b.txt")).toBeUndefined();
  });

  it("goes along, with its edits, when it or a folder above it is moved", async () => {
    const { session, disk, buffer } = await opened();
    buffer("a.txt").type("edited\n");
    disk.files.set("dir/b.txt", disk.files.get("a.txt") as never);
    disk.files.delete("a.txt");
    session.moved((path) => (path === "a.txt" ? "dir/b.txt" : path));
    session.pathsChanged(["a.txt", "dir/b.txt"]);
    await settled();
    expect(session.state.getState().tabs).toEqual({ order: ["dir/b.txt"], active: "dir/b.txt" });
    expect(await session.active?.save()).toBe(true);
    expect(disk.text("dir/b.txt")).toBe("edited\n");
    expect(disk.files.has("a.txt")).toBe(false);
  });

  it("closes when it is deleted from here, unless it holds edits", async () => {
    const { session, disk, buffer } = await opened();
    disk.put("dir/b.txt", "b");
    session.open("dir/b.txt");
    await settled();
    buffer("a.txt").type("edited\n");
    session.deleted("a.txt");
    session.deleted("dir");
    expect(session.state.getState().tabs.order).toEqual(["a.txt"]);
  });

  it("frees its buffer when its tab closes", async () => {
    const { session, buffer } = await opened();
    session.close("a.txt");
    expect(buffer("a.txt").disposed).toBe(true);
    expect(session.state.getState()).toMatchObject({ tabs: { order: [] }, contents: {} });
  });
});
