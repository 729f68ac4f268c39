import { gzipSync } from "node:zlib";
import type { Plugin, Rolldown } from "vite";

type Chunk = Rolldown.OutputChunk;

/** What the first visit to a page may load. */
interface Budget {
  /** The end of the route file's name. */
  route: string;
  /** In KB (1,000 bytes) after gzip. */
  limitKb: number;
  /**
   * Modules that the page imports dynamically and at once, by the end of their names: xterm.js for the
   * terminal that is shown. Each must be a chunk of its own.
   */
  with?: readonly string[];
}

/** Every chunk that must arrive before `start` runs: itself and its static imports. */
function closure(start: Chunk, chunks: Map<string, Chunk>, seen: Set<Chunk>): void {
  if (seen.has(start)) return;
  seen.add(start);
  for (const name of start.imports) {
    const next = chunks.get(name);
    if (next) closure(next, chunks, seen);
  }
}

function isChunkOf(chunk: Chunk, module: string): boolean {
  return (chunk.facadeModuleId?.split("?")[0] ?? "").endsWith(module);
}

/**
 * Fails the build when the JavaScript that a first visit loads grows over its limit: the entry, the
 * route's own chunks, what it imports at once, and what they all import.
 */
export function sizeBudget(budgets: readonly Budget[]): Plugin {
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
      for (const { route, limitKb, with: also = [] } of budgets) {
        const needed = new Set<Chunk>();
        closure(entry, chunks, needed);
        for (const module of [`/src/routes${route}`, ...also]) {
          const own = all.filter((chunk) => isChunkOf(chunk, module));
          if (own.length === 0) this.error(`no chunk belongs to ${module}`);
          for (const chunk of own) closure(chunk, chunks, needed);
        }
        let bytes = 0;
        for (const chunk of needed) bytes += gzipSync(chunk.code, { level: 9 }).length;
        const kb = Math.round(bytes / 100) / 10;
        const what = [route, ...also].join(" with ");
        const verdict = `first visit to ${what}: ${kb} KB of JavaScript of ${limitKb} KB (gzip, ${needed.size} files)`;
        if (kb > limitKb) this.error(verdict);
        this.info(verdict);
      }
    },
  };
}
