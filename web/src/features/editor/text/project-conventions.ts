/** Reads the EditorConfig files of a project, each once until it changes. */
import type { EditorFiles } from "../files";
import {
  type Conventions,
  configPaths,
  conventionsFor,
  type EditorConfigFile,
  type PlacedConfig,
  parseEditorConfig,
} from "./editorconfig";
import { decode } from "./encodings";

const NONE: EditorConfigFile = { root: false, sections: [] };

/** No sensible one is larger, in bytes. */
const CONFIG_BYTES_MAX = 100_000;

export class ProjectConventions {
  private readonly configs = new Map<string, Promise<EditorConfigFile>>();

  constructor(private readonly files: EditorFiles) {}

  /** What the project says of a file. */
  async of(path: string): Promise<Conventions> {
    const placed = configPaths(path).map(async ({ folder, path: at }): Promise<PlacedConfig> => {
      const known = this.configs.get(at) ?? this.read(at);
      this.configs.set(at, known);
      return { folder, config: await known };
    });
    return conventionsFor(path, await Promise.all(placed));
  }

  /** These changed on disk; whether any of them says something of files. */
  pathsChanged(paths: readonly string[]): boolean {
    const named = paths.filter((path) => this.configs.delete(path));
    return named.length > 0;
  }

  /** Anything may have changed. */
  rescan(): void {
    this.configs.clear();
  }

  private async read(path: string): Promise<EditorConfigFile> {
    try {
      const read = await this.files.read(path);
      if (read.kind !== "whole" || read.bytes.length > CONFIG_BYTES_MAX) return NONE;
      const text = decode(read.bytes, "utf-8");
      return text === undefined ? NONE : parseEditorConfig(text);
    } catch {
      // A folder that may not be read says nothing of its files.
      return NONE;
    }
  }
}
