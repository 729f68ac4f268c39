/**
 * Texts that are not open in a tab, for lists of places: Monaco shows only what it has a model of.
 */
import { contentUrl } from "@/api/agent";
import { apiFetch } from "@/api/client";
import { languageOf, monaco } from "../monaco";
import { readText } from "../text/read-text";
import type { LanguageClient } from "./client";
import { systemPathOf } from "./places";

/** So many are kept; the one that was looked at longest ago goes first. */
const TEXTS_MAX = 60;

/** A text of the workspace that is not open, by its authority. */
const WITHIN = "background";
/** A text outside of the workspace. */
const OUTSIDE = "outside";

/** What a place in a list stands for. */
export function placeOfUri({ authority, path }: monaco.Uri): { path: string; outside: boolean } {
  return { path: path.slice(1), outside: authority === OUTSIDE };
}

export class BackgroundTexts {
  private readonly models = new Map<string, monaco.editor.ITextModel>();

  constructor(private readonly workspace: string) {}

  /** The model's address; undefined where the text cannot be read. */
  async locate(client: LanguageClient, uri: string): Promise<monaco.Uri | undefined> {
    if (!uri.startsWith("file:")) return undefined;
    const within = client.path(uri);
    const path = within ?? systemPathOf(uri);
    const authority = within === undefined ? OUTSIDE : WITHIN;
    const own = monaco.Uri.from({ scheme: "atelier", authority, path: `/${path}` });
    const key = own.toString();
    const known = this.models.get(key);
    if (known) {
      this.models.delete(key);
      this.models.set(key, known);
      return own;
    }
    const text = await this.read(path, within === undefined);
    if (text === undefined) return undefined;
    if (!this.models.has(key)) {
      this.models.set(key, monaco.editor.createModel(text, languageOf(path), own));
    }
    for (const [oldest, model] of this.models) {
      if (this.models.size <= TEXTS_MAX) break;
      // What is shown in a list just now stays.
      if (model.isAttachedToEditor()) continue;
      this.models.delete(oldest);
      model.dispose();
    }
    return own;
  }

  /** What was kept may be otherwise on disk. */
  forget(paths: readonly string[]): void {
    for (const path of paths) {
      const own = monaco.Uri.from({ scheme: "atelier", authority: WITHIN, path: `/${path}` });
      const model = this.models.get(own.toString());
      if (!model || model.isAttachedToEditor()) continue;
      this.models.delete(own.toString());
      model.dispose();
    }
  }

  dispose(): void {
    for (const model of this.models.values()) model.dispose();
    this.models.clear();
  }

  private async read(path: string, outside: boolean): Promise<string | undefined> {
    try {
      const url = contentUrl(this.workspace, path) + (outside ? "&root=system" : "");
      const response = await apiFetch(url, { cache: "no-store" });
      const read = readText(new Uint8Array(await response.arrayBuffer()), undefined, undefined);
      return read.kind === "text" ? read.text : undefined;
    } catch {
      return undefined;
    }
  }
}
