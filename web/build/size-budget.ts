import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

type Chunk = Rolldown.OutputChunk;

/** Every chunk that must arrive before `start` runs: itself and its static imports. */
function closure(start: Chunk, chunks: Map<string, Chunk>, seen: Set<Chunk>): void {
  if (seen.has(start)) return;
  seen.add(start);
  for (const name of start.imports) {
    const next = chunks.get(name);
    if (next) closure(next, chunks, seen);
  }
}

function isRouteChunk(chunk: Chunk, route: string): boolean {
  const module = chunk.facadeModuleId?.split("?")[0] ?? "";
  return module.includes("/src/routes/") && module.endsWith(route);
}

/**
 * Fails the build when the JavaScript that a first visit loads grows over its limit: the entry,
 * the route's own chunks, and what both import. Limits are in KB (1,000 bytes) after gzip, by the
 * end of the route file's name.
 */
export function sizeBudget(limitsKb: Record<string, number>): Plugin {
  return {
    name: "atelier:size-budget",
    apply: "build",
    writeBundle(_options, bundle) {
      const all = Object.values(bundle).filter(
        (output): output is Chunk => output.type === "chunk",
      );
      const chunks = new Map(all.map((chunk) => [chunk.fileName, chunk]));
      const entry = all.find((chunk) => chunk.isEntry);
      if (!entry) this.error("the build has no entry");
      for (const [route, limitKb] of Object.entries(limitsKb)) {
        const own = all.filter((chunk) => isRouteChunk(chunk, route));
        if (own.length === 0) this.error(`no chunk belongs to the route ${route}`);
        const needed = new Set<Chunk>();
        for (const chunk of [entry, ...own]) closure(chunk, chunks, needed);
        let bytes = 0;
        for (const chunk of needed) bytes += gzipSync(chunk.code, { level: 9 }).length;
        const kb = Math.round(bytes / 100) / 10;
        if (kb > limitKb) {
          this.error(`first visit to ${route}: ${kb} KB of JavaScript, the limit is ${limitKb} KB`);
        }
        this.info(
          `first visit to ${route}: ${kb} KB of ${limitKb} KB (gzip, ${needed.size} files)`,
        );
      }
    },
  };
}
