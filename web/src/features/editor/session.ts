/**
 * The editor of one workspace: which files are open, in which tabs, and what becomes of them when
 * the disk changes. React reads `state`; everything that happens goes through the methods.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { type FileContent, OpenFile, type OpenFileEnvironment } from "./openFile";
import {
  closeTab,
  keepTab,
  NO_TABS,
  openTab,
  parseTabs,
  renameTabs,
  serializeTabs,
  stepTab,
  type Tabs,
} from "./tabs";

/** A place in a text: lines and columns from 1; where no end is named, it is where the cursor goes. */
export interface TextPlace {
  line: number;
  column?: number | undefined;
  endLine?: number | undefined;
  endColumn?: number | undefined;
}

/** How a file is opened. */
export interface OpenOptions extends Partial<TextPlace> {
  /** Only to look into it: the tab is the next preview's, unless it is edited or kept. */
  preview?: boolean | undefined;
}

export interface EditorState {
  tabs: Tabs;
  /** What is shown of each open path. */
  contents: Readonly<Record<string, FileContent>>;
  autosave: boolean;
  /** Where the cursor is in the active text, from 1. */
  cursor: { line: number; column: number; selected: number } | undefined;
  /** The language of the active text, as Monaco names it. */
  language: string | undefined;
  /** A place to be shown as soon as its text is; a new object each time. */
  reveal: { path: string; place: TextPlace } | undefined;
}

export interface SessionEnvironment extends Omit<OpenFileEnvironment, "autosave"> {
  /** Kept for the next visit. */
  storage: Pick<Storage, "getItem" | "setItem">;
  /** The workspace, for the storage's keys. */
  workspace: string;
  /** Where it is kept whether edits are saved by themselves, and whether they are until a person says so. */
  autosave: { key: string; initially: boolean };
}

export class EditorSession {
  readonly state: StoreApi<EditorState>;
  private readonly files = new Map<string, OpenFile>();
  private readonly fileEnvironment: OpenFileEnvironment;
  private readonly tabsKey: string;

  constructor(private readonly environment: SessionEnvironment) {
    const { storage, autosave } = environment;
    this.tabsKey = `atelier.editor.tabs.${environment.workspace}`;
    this.state = createStore<EditorState>(() => ({
      tabs: NO_TABS,
      contents: {},
      autosave: (storage.getItem(autosave.key) ?? (autosave.initially ? "on" : "off")) === "on",
      cursor: undefined,
      language: undefined,
      reveal: undefined,
    }));
    this.fileEnvironment = { ...environment, autosave: () => this.state.getState().autosave };
  }

  /**
   * Opens what was open at the last visit, or goes on with what is open. The active file comes
   * first; the others when they are shown.
   */
  restore(): void {
    const fresh = this.tabs.order.length === 0;
    this.setTabs(fresh ? parseTabs(this.environment.storage.getItem(this.tabsKey)) : this.tabs);
  }

  /** Shows a file, at the named line and column where one is named. */
  open(path: string, options: OpenOptions = {}): void {
    const before = this.tabs;
    const { line, preview } = options;
    if (line !== undefined) {
      this.state.setState({ reveal: { path, place: { ...options, line } } });
    }
    const after = openTab(before, path, preview);
    const replaced = before.order.find((other) => !after.order.includes(other));
    this.setTabs(after);
    if (replaced !== undefined) this.forget(replaced);
  }

  /** What was only looked into stays open. */
  keep(path: string): void {
    const { tabs } = this;
    if (tabs.preview === path) this.setTabs(keepTab(tabs, path));
  }

  /** The place has been shown. */
  revealed(): void {
    this.state.setState({ reveal: undefined });
  }

  /** Shows a file as text that would be shown as an image. */
  openAsText(path: string): void {
    this.forget(path);
    this.load(path, true);
  }

  /** Closes a tab; unsaved edits are lost, so ask first. */
  close(path: string): void {
    this.forget(path);
    this.setTabs(closeTab(this.tabs, path));
  }

  /** Goes to the next or previous tab. */
  step(by: number): void {
    this.setTabs(stepTab(this.tabs, by));
  }

  file(path: string | undefined): OpenFile | undefined {
    return path === undefined ? undefined : this.files.get(path);
  }

  get active(): OpenFile | undefined {
    return this.file(this.tabs.active);
  }

  /** Paths with edits that are not on disk. */
  dirtyPaths(): string[] {
    return [...this.files.values()].filter((file) => file.dirty).map((file) => file.path);
  }

  async saveAll(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.save()));
  }

  setAutosave(autosave: boolean): void {
    const { storage, autosave: kept } = this.environment;
    storage.setItem(kept.key, autosave ? "on" : "off");
    this.state.setState({ autosave });
    for (const file of this.files.values()) file.autosaveChanged();
  }

  setCursor(cursor: EditorState["cursor"], language: string | undefined): void {
    this.state.setState({ cursor, language });
  }

  /** These paths changed on disk, or something above them. */
  pathsChanged(paths: readonly string[]): void {
    for (const file of this.files.values()) {
      const touched = paths.some((path) => path === file.path || file.path.startsWith(`${path}/`));
      if (touched) void file.followDisk();
    }
  }

  /** Anything may have changed. */
  rescan(): void {
    for (const file of this.files.values()) void file.followDisk();
  }

  /** We deleted something: its tabs go with it, but not edits that were never saved. */
  deleted(path: string): void {
    for (const file of [...this.files.values()]) {
      const below = file.path === path || file.path.startsWith(`${path}/`);
      if (below && !file.dirty) this.close(file.path);
    }
  }

  /** We moved something: the tabs go with it, unsaved edits too. */
  moved(rename: (path: string) => string): void {
    const files = [...this.files.values()];
    const before = new Set(files);
    for (const file of files) {
      const to = rename(file.path);
      if (to === file.path) continue;
      this.files.delete(file.path);
      const replaced = this.files.get(to);
      if (replaced && before.has(replaced)) replaced.dispose();
      file.moved(to);
      this.files.set(to, file);
    }
    this.publish();
    this.setTabs(renameTabs(this.tabs, rename));
  }

  dispose(): void {
    for (const file of this.files.values()) file.dispose();
    this.files.clear();
  }

  private get tabs(): Tabs {
    return this.state.getState().tabs;
  }

  private setTabs(tabs: Tabs): void {
    this.state.setState({ tabs });
    this.environment.storage.setItem(this.tabsKey, serializeTabs(tabs));
    if (tabs.active !== undefined && !this.files.has(tabs.active)) this.load(tabs.active, false);
  }

  private load(path: string, asText: boolean): void {
    const file = new OpenFile(path, this.fileEnvironment, () => this.publish(), asText);
    this.files.set(path, file);
    this.publish();
    void file.load();
  }

  private forget(path: string): void {
    this.files.get(path)?.dispose();
    this.files.delete(path);
    this.publish();
  }

  private publish(): void {
    // Where something was edited, it is no longer only looked into.
    const { preview } = this.tabs;
    if (preview !== undefined && this.files.get(preview)?.dirty) this.keep(preview);
    const contents = Object.fromEntries(
      [...this.files].map(([path, file]) => [path, file.content]),
    );
    this.state.setState({ contents });
  }
}
