// A small in-memory API for looking at pages without a control plane. Never shipped, and no
// substitute for the real server: it checks little. `node dev/mock-server.mjs [--setup] [--empty] [--role=viewer] [--organizations]
// [--nodes=3000] [--nobody-joins]`
// serves /api and, when it exists, dist/ (DIST changes it) on 127.0.0.1:5199 (PORT changes it).
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { WebSocketServer } from "ws";
import { agentRoutes, agentSockets } from "./mock/agent.mjs";
import { matchRoute } from "./mock/http.mjs";
import { apiRoutes } from "./mock/routes.mjs";
import { createState } from "./mock/state.mjs";
import { telemetrySocket } from "./mock/telemetry.mjs";

const DIST = path.resolve(process.env.DIST ?? path.join(import.meta.dirname, "../dist"));
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".woff2": "font/woff2",
};

const state = createState({
  setup: process.argv.includes("--setup"),
  empty: process.argv.includes("--empty"),
  joins: !process.argv.includes("--nobody-joins"),
  nodes: Number(process.argv.find((argument) => argument.startsWith("--nodes="))?.slice(8) ?? 0),
  several: process.argv.includes("--organizations"),
  role: process.argv.find((argument) => argument.startsWith("--role="))?.slice(7) ?? "owner",
});
const routes = [...apiRoutes(state), ...agentRoutes(state)];

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function serveFile(url, response) {
  const wanted = path.join(DIST, path.normalize(url.pathname));
  const file = existsSync(wanted) && path.extname(wanted) ? wanted : path.join(DIST, "index.html");
  response.setHeader("content-type", TYPES[path.extname(file)] ?? "application/octet-stream");
  response.setHeader(
    "content-security-policy",
    "default-src 'self'; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; img-src 'self' data: blob:",
  );
  response.end(await readFile(file));
}

const server = http.createServer(async (request, response) => {
  const url = new URL(request.url, "http://mock");
  try {
    if (!url.pathname.startsWith("/api/")) return await serveFile(url, response);
    await matchRoute(routes, { request, response, url, body: await body(request) });
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    response.end();
  }
});

const sockets = new WebSocketServer({ noServer: true });
server.on("upgrade", (request, socket, head) => {
  const url = new URL(request.url, "http://mock");
  const open = (handler) => sockets.handleUpgrade(request, socket, head, handler);
  if (url.pathname === "/api/v1/events") return open((ws) => state.events.attach(ws));
  const attach = telemetrySocket(url) ?? agentSockets(state, url);
  if (attach) return open(attach);
  socket.destroy();
});

const port = Number(process.env.PORT ?? 5199);
server.listen(port, "127.0.0.1", () => console.log(`mock on http://127.0.0.1:${port}`));
