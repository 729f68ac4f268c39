// The workspace agent's part of the mock: files in memory, terminals as real shells on a PTY made by
// script(1). One tree and one set of terminals for all workspaces.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { json, problem, route } from "./http.mjs";
import { id } from "./state.mjs";

const BASE = "/workspaces/{workspace}";
const MACHINE = "/nodes/{node}/machine";
const files = new Map();
const watchers = new Set();
const terminals = new Map();

const SEED = {
  "hello/.git/HEAD": "ref: refs/heads/main\n",
  "hello/.github/workflows/test.yml": "on: push\n",
  "hello/.gitignore": "target/\n",
  "hello/src/server.rs": `//! Lines that are longer than a phone is wide.\n${Array.from({ length: 60 }, (_, n) => `pub fn handler_${n}(request: &Request, state: &SharedState) -> Result<Response, Error> { state.answer(request, ${n}).map_err(Error::from) }`).join("\n")}\n`,
  "hello/README.md": "# Hello\n\nA small program.\n",
  "hello/src/main.rs": 'fn main() {\n    println!("hello");\n}\n',
  "hello/src/lib.rs": "//! The library.\n",
  "hello/Cargo.toml": '[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2024"\n',
  "notes.txt": "remember the milk\n",
};
for (const [path, text] of Object.entries(SEED)) files.set(path, Buffer.from(text));

const etagOf = (content) => `"${createHash("sha256").update(content).digest("hex").slice(0, 16)}"`;

function entry(path, content) {
  const directory = content === undefined;
  return {
    name: path.split("/").at(-1),
    path,
    kind: directory ? "directory" : "file",
    size: directory ? 0 : content.length,
    modified_at: Date.now(),
    mode: directory ? 0o755 : 0o644,
    ...(directory ? {} : { etag: etagOf(content) }),
  };
}

function list(directory) {
  const prefix = directory ? `${directory}/` : "";
  const found = new Map();
  for (const [path, content] of files) {
    if (!path.startsWith(prefix) || path === directory) continue;
    const rest = path.slice(prefix.length);
    if (rest === "") continue;
    const name = rest.split("/")[0];
    const isFile = !rest.includes("/") && content !== null;
    found.set(name, entry(prefix + name, isFile ? content : undefined));
  }
  return [...found.values()].sort(
    (a, b) => a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name),
  );
}

function changed(kind, path) {
  const message = JSON.stringify({ type: "changes", changes: [{ kind, path }] });
  for (const ws of watchers) ws.send(message);
}

function move(from, to, keep) {
  for (const [path, content] of [...files]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    if (!keep) files.delete(path);
    files.set(to + path.slice(from.length), content);
  }
  if (!keep) changed("deleted", from);
  changed("created", to);
}

function write(context, path) {
  const held = files.get(path);
  const match = context.request.headers["if-match"];
  if (match && match !== "*" && (!held || match !== etagOf(held))) {
    return problem(context, 412, "stale", "The file has changed since it was read.", {
      etag: held && etagOf(held),
    });
  }
  if (context.request.headers["if-none-match"] && held)
    return problem(context, 412, "stale", "The file exists already.");
  files.set(path, context.body);
  changed(held ? "modified" : "created", path);
  context.response.setHeader("etag", etagOf(context.body));
  return json(context, entry(path, context.body));
}

function createTerminal(input) {
  const child = spawn("script", ["-qfc", "bash -i", "/dev/null"], {
    env: { ...process.env, TERM: "xterm-256color" },
  });
  const terminal = {
    view: {
      id: id("term"),
      name: input.name ?? `bash ${terminals.size + 1}`,
      command: ["bash"],
      cwd: "/workspace",
      cols: input.cols ?? 80,
      rows: input.rows ?? 24,
      created_at: Date.now(),
      pid: child.pid,
      start_offset: 0,
      end_offset: 0,
      viewers: 0,
    },
    child,
    output: Buffer.alloc(0),
    viewers: new Set(),
  };
  const take = (data) => {
    terminal.output = Buffer.concat([terminal.output, data]);
    terminal.view.end_offset = terminal.output.length;
    for (const ws of terminal.viewers) ws.send(data);
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  child.on("exit", (code) => {
    terminal.view.exit = { code: code ?? 0, at: Date.now() };
    for (const ws of terminal.viewers)
      ws.send(JSON.stringify({ type: "exit", status: terminal.view.exit }));
  });
  terminals.set(terminal.view.id, terminal);
  return terminal.view;
}

/** The agent's routes below a workspace, and its terminals below a machine too. */
export function agentRoutes() {
  const terminalRoutes = [BASE, MACHINE].flatMap(terminalRoutesBelow);
  return [...fileRoutes(), ...terminalRoutes];
}

function fileRoutes() {
  const pathOf = (context) => context.url.searchParams.get("path") ?? "";
  return [
    route("GET", `${BASE}/files/list`, (context) => {
      const items = list(pathOf(context));
      json(context, { items, total: items.length });
    }),
    route("GET", `${BASE}/files/stat`, (context) =>
      json(context, entry(pathOf(context), files.get(pathOf(context)) ?? undefined)),
    ),
    route("GET", `${BASE}/files/content`, (context) => {
      const content = files.get(pathOf(context));
      if (!content) return problem(context, 404, "not_found", "There is no such file.");
      context.response.setHeader("etag", etagOf(content));
      return context.response.end(content);
    }),
    route("PUT", `${BASE}/files/content`, (context) => write(context, pathOf(context))),
    route("DELETE", `${BASE}/files`, (context) => {
      const gone = pathOf(context);
      for (const path of [...files.keys()])
        if (path === gone || path.startsWith(`${gone}/`)) files.delete(path);
      changed("deleted", gone);
      json(context, null, 204);
    }),
    route("POST", `${BASE}/files/directory`, (context) => {
      files.set(`${context.input.path}/`, null);
      changed("created", context.input.path);
      json(context, entry(context.input.path), 201);
    }),
    ...[
      ["move", false],
      ["copy", true],
    ].map(([verb, keep]) =>
      route("POST", `${BASE}/files/${verb}`, (context) => {
        move(context.input.from, context.input.to, keep);
        json(context, entry(context.input.to, files.get(context.input.to) ?? undefined));
      }),
    ),
    route("GET", `${BASE}/git/status`, (context) =>
      json(context, {
        root: "hello",
        branch: "main",
        commit: "3fb1c9e",
        ahead: 1,
        behind: 0,
        files: [{ path: "src/main.rs", index: ".", worktree: "M" }],
      }),
    ),
  ];
}

function terminalRoutesBelow(base) {
  return [
    route("GET", `${base}/terminals`, (context) =>
      json(context, { items: [...terminals.values()].map(({ view }) => view) }),
    ),
    route("POST", `${base}/terminals`, (context) =>
      json(context, createTerminal(context.input), 201),
    ),
    route("GET", `${base}/terminals/{terminal}`, (context) =>
      json(context, terminals.get(context.params.terminal).view),
    ),
    route("PATCH", `${base}/terminals/{terminal}`, (context) =>
      json(context, Object.assign(terminals.get(context.params.terminal).view, context.input)),
    ),
    route("DELETE", `${base}/terminals/{terminal}`, (context) => {
      terminals.get(context.params.terminal)?.child.kill("SIGKILL");
      terminals.delete(context.params.terminal);
      json(context, null, 204);
    }),
  ];
}

/** The handler for a WebSocket below a workspace, if there is one. */
export function agentSockets(_state, url) {
  if (url.pathname.endsWith("/files/watch")) {
    return (ws) => {
      watchers.add(ws);
      ws.send(JSON.stringify({ type: "ready" }));
      ws.on("close", () => watchers.delete(ws));
    };
  }
  const terminal = terminals.get(url.pathname.match(/\/terminals\/([^/]+)\/attach$/)?.[1]);
  if (!terminal) return undefined;
  return (ws) => {
    const offset = Number(url.searchParams.get("offset") ?? 0);
    const { cols, rows } = terminal.view;
    ws.send(
      JSON.stringify({ type: "hello", offset, cols, rows, resync: false, snapshot_bytes: 0 }),
    );
    if (terminal.output.length > offset) ws.send(terminal.output.subarray(offset));
    terminal.viewers.add(ws);
    ws.on("message", (data, binary) => binary && terminal.child.stdin.write(data));
    ws.on("close", () => terminal.viewers.delete(ws));
  };
}
