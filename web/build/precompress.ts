import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

const COMPRESSIBLE = /\.(?:js|css|html|json|svg|ttf|wasm|txt|webmanifest)$/;

/** Below this size the encoding's overhead and the extra file outweigh the bytes saved. */
const MINIMUM_BYTES = 1024;

/** Above this size the best Brotli quality takes seconds a file and saves under 3 %. */
const BEST_QUALITY_MAX_BYTES = 512 * 1024;

async function compress(file: string): Promise<void> {
  const content = await readFile(file);
  if (content.length < MINIMUM_BYTES) return;
  const quality = content.length > BEST_QUALITY_MAX_BYTES ? 9 : 11;
  const [br, gz] = await Promise.all([
    brotli(content, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: quality,
        [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
      },
    }),
    deflate(content, { level: 9 }),
  ]);
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
}

/** Writes `.br` and `.gz` beside every text asset; the server picks by Accept-Encoding. */
export function precompress(): Plugin {
  let directory = "dist";
  return {
    name: "atelier:precompress",
    apply: "build",
    configResolved(config) {
      directory = path.resolve(config.root, config.build.outDir);
    },
    async closeBundle(error?: Error) {
      if (error) return;
      const entries = await readdir(directory, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile() && COMPRESSIBLE.test(entry.name))
        .map((entry) => path.join(entry.parentPath, entry.name));
      for (const file of files) await compress(file);
    },
  };
}
