/**
 * The editor of one workspace: which files are open, in which tabs of which groups, and what becomes
 * of them when the disk changes. React reads `state`; everything that happens goes through the
 * methods.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { createTextViews } from "@/lib/text-views";
import {
  type GroupSide,
  type Groups,
  groupsWith,
  NO_GROUPS,
  neighbourGroup,
  openKeys,
  parseGroups,
  resized,
  serializeGroups,
  splitGroup,
  tabsOf,
  withTabs,
} from "./groups/groups";
import {
  closeTab,
  isPinned,
  keepTab,
  NO_TABS,
  openTab,
  placeTab,
  renameTabs,
  shiftTab,
  stepTab,
  type Tabs,
  tabsToClose,
  togglePin,
} from "./groups/tabs";
import { ViewStates } from "./groups/view-states";
import {
  type DiffSide,
  openPaths,
  pathOf,
  renamedKey,
  type TabView,
  viewKey,
  viewOf,
} from "./groups/views";
import { type FileContent, OpenFile, type OpenFileEnvironment } from "./openFile";
import { ProjectConventions } from "./text/project-conventions";

/** A place in a text: lines and columns from 1; where no end is named, it is where the cursor goes. */
export interface TextPlace {
  line: number;
  column?: number | undefined;
  endLine?: number | undefined;
  endColumn?: number | undefined;
}

/** What the status bar tells of a text. */
export interface TextStatus {
  /** From 1. */
  cursor: { line: number; column: number; selected: number };
  cursors: number;
  /** As Monaco names it. */
  language: string;
  /** Spaces or tabs, and the columns of a step. */
  indentation: { spaces: boolean; size: number };
}

/** How a file is opened. */
export interface OpenOptions extends Partial<TextPlace> {
  /** Only to look into it: the tab is the next preview's, unless it is edited or kept. */
  preview?: boolean | undefined;
  /** The group to open it in, or `beside`: in the one that follows, made if there is none. */
  group?: string | undefined;
}

export interface EditorState {
  groups: Groups;
  /** The tabs of the active group. */
  tabs: Tabs;
  /** The file that the active tab is about. */
  activePath: string | undefined;
  /** What is shown of each open path. */
  contents: Readonly<Record<string, FileContent>>;
  /** Of the active text. */
  status: TextStatus | undefined;
  /** What is chosen in a list over the editor. */
  picker: PickerKind | undefined;
  /** A place to be shown as soon as its text is; a new object each time. */
  reveal: { group: string; path: string; place: TextPlace } | undefined;
}

export interface SessionEnvironment extends Omit<OpenFileEnvironment, "conventions"> {
  /** Kept for the next visit. */
  storage: Pick<Storage, "getItem" | "setItem">;
  /** The workspace, for the storage's keys. */
  workspace: string;
}

/** The lists: each sets one property of the active text. */
export type PickerKind =
  | "language"
  | "encodingReopen"
  | "encodingSave"
  | "lineEnding"
  | "indentation";

/** Closed tabs that can be opened again. */
const CLOSED_MAX = 30;

export class EditorSession {
  readonly state: StoreApi<EditorState>;
  /** Cursor, scrolling and folding of each tab. */
  readonly viewStates: ViewStates;
  /** The texts that are shown, for other features to add to. */
  readonly textViews = createTextViews();
  private readonly files = new Map<string, OpenFile>();
  private readonly fileEnvironment: OpenFileEnvironment;
  private readonly conventions: ProjectConventions;
  private readonly groupsKey: string;
  private readonly clipboards: string[] = [];
  /** The last one closed stands last. */
  private closed: { key: string; group: string }[] = [];

  /** The workspace, or the server whose machine it is. */
  readonly host: string;

  constructor(private readonly environment: SessionEnvironment) {
    const { storage, workspace, files } = environment;
    this.host = workspace;
    this.groupsKey = `atelier.editor.groups.${workspace}`;
    this.viewStates = new ViewStates(storage, `atelier.editor.views.${workspace}`);
    this.state = createStore<EditorState>(() => ({
      groups: NO_GROUPS,
      tabs: NO_TABS,
      activePath: undefined,
      contents: {},
      status: undefined,
      picker: undefined,
      reveal: undefined,
    }));
    this.conventions = new ProjectConventions(files);
    this.fileEnvironment = { ...environment, conventions: (path) => this.conventions.of(path) };
  }

  /**
   * Opens what was open at the last visit, or goes on with what is open. The shown files come
   * first; the others when they are shown.
   */
  restore(): void {
    const fresh = openKeys(this.groups).length === 0;
    this.setGroups(
      fresh ? parseGroups(this.environment.storage.getItem(this.groupsKey)) : this.groups,
    );
  }

  /** Shows a file, at the named line and column where one is named. */
  open(path: string, options: OpenOptions = {}): void {
    const group = this.openView({ kind: "file", path }, options);
    const { line } = options;
    if (line !== undefined) {
      this.state.setState({ reveal: { group, path, place: { ...options, line } } });
    }
  }

  /** Shows something in a tab; the group that it is in. */
  openView(view: TabView, options: Pick<OpenOptions, "preview" | "group"> = {}): string {
    const key = viewKey(view);
    const { groups } = this;
    const wished = options.group ?? groups.active;
    if (wished === "beside") {
      const beside = neighbourGroup(groups, groups.active, 1);
      if (beside === groups.active) {
        this.setGroups(splitGroup(groups, beside, "end", openTab(NO_TABS, key)));
      } else {
        this.setTabs(beside, (tabs) => openTab(tabs, key), true);
      }
      return this.groups.active;
    }
    const id = groups.tabs[wished] ? wished : groups.active;
    this.setTabs(id, (tabs) => openTab(tabs, key, options.preview), true);
    return id;
  }

  /** What was only looked into stays open. */
  keep(key: string, group = this.groups.active): void {
    this.setTabs(group, (tabs) => keepTab(tabs, key));
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

  /** Closes a tab; unsaved edits that no other tab shows are lost, so ask first. */
  close(key: string, group = this.groups.active): void {
    if (!tabsOf(this.groups, group).order.includes(key)) return;
    this.closed = [...this.closed, { key, group }].slice(-CLOSED_MAX);
    this.setTabs(group, (tabs) => closeTab(tabs, key));
  }

  /** Closes what an order means, but nothing with unsaved edits. */
  closeMany(key: string, which: "others" | "right" | "saved", group = this.groups.active): void {
    const tabs = tabsOf(this.groups, group);
    const keys =
      which === "saved"
        ? tabs.order.filter((other) => !isPinned(tabs, other))
        : tabsToClose(tabs, key, which);
    for (const other of keys) {
      if (!this.loses(other, group)) this.close(other, group);
    }
  }

  /** Whether closing the tab would lose edits: no other tab shows them. */
  loses(key: string, group: string): boolean {
    const elsewhere = new Set(
      Object.entries(this.groups.tabs).flatMap(([id, { order }]) =>
        order.filter((other) => id !== group || other !== key).flatMap(openPaths),
      ),
    );
    return openPaths(key).some((path) => this.file(path)?.dirty && !elsewhere.has(path));
  }

  /** Opens the tab again that was closed last. */
  reopen(): void {
    const last = this.closed.at(-1);
    if (!last) return;
    this.closed = this.closed.slice(0, -1);
    this.openView(viewOf(last.key), { group: last.group });
  }

  /** Goes to the next or previous tab. */
  step(by: number): void {
    this.setTabs(this.groups.active, (tabs) => stepTab(tabs, by));
  }

  /** Moves a tab by one place of its bar. */
  shift(key: string, by: 1 | -1, group = this.groups.active): void {
    this.setTabs(group, (tabs) => shiftTab(tabs, key, by));
  }

  togglePin(key: string, group = this.groups.active): void {
    this.setTabs(group, (tabs) => togglePin(tabs, key));
  }

  /** Puts a tab at a place of this group's bar, or of another's. */
  place(key: string, from: string, to: string, index: number): void {
    if (from === to) {
      this.setTabs(to, (tabs) => placeTab(tabs, key, index));
      return;
    }
    this.viewStates.move(key, from, to);
    this.setTabs(to, (tabs) => {
      const opened = openTab(tabs, key);
      return tabs.order.includes(key) ? opened : placeTab(opened, key, index);
    });
    this.setTabs(from, (tabs) => closeTab(tabs, key));
    this.focusGroup(to);
  }

  /** Moves a tab to the group that follows or precedes, made if there is none. */
  moveToGroup(key: string, step: 1 | -1): void {
    const { groups } = this;
    const to = neighbourGroup(groups, groups.active, step);
    if (to !== groups.active) {
      this.place(key, groups.active, to, Number.POSITIVE_INFINITY);
    } else if (tabsOf(groups, to).order.length > 1) {
      // Alone it would only move the empty space.
      this.splitWith(key, groups.active, to, step === 1 ? "end" : "start");
    }
  }

  /** Moves a tab into a group of its own at a side of `at`. */
  splitWith(key: string, from: string, at: string, side: GroupSide): void {
    if (from === at && tabsOf(this.groups, from).order.length === 1) {
      this.split(side, at);
      return;
    }
    this.setGroups(splitGroup(this.groups, at, side, openTab(NO_TABS, key)));
    const made = this.groups.active;
    if (made === at) return;
    this.viewStates.move(key, from, made);
    this.setTabs(from, (tabs) => closeTab(tabs, key));
    this.focusGroup(made);
  }

  /** Shows the active tab of a group a second time, at its side. */
  split(side: GroupSide, group = this.groups.active): void {
    const { active } = tabsOf(this.groups, group);
    if (active === undefined) return;
    this.setGroups(splitGroup(this.groups, group, side, openTab(NO_TABS, active)));
    this.viewStates.copy(active, group, this.groups.active);
  }

  focusGroup(group: string): void {
    if (group !== this.groups.active && this.groups.tabs[group]) {
      this.setGroups({ ...this.groups, active: group });
    }
  }

  stepGroup(step: 1 | -1): void {
    this.focusGroup(neighbourGroup(this.groups, this.groups.active, step));
  }

  /** New shares for the split that the children's places lead to. */
  resize(path: readonly number[], shares: readonly number[]): void {
    this.setGroups({ ...this.groups, root: resized(this.groups.root, path, shares) });
  }

  file(path: string | undefined): OpenFile | undefined {
    return path === undefined ? undefined : this.files.get(path);
  }

  get active(): OpenFile | undefined {
    return this.file(this.state.getState().activePath);
  }

  /** Paths with edits that are not on disk. */
  dirtyPaths(): string[] {
    return [...this.files.values()].filter((file) => file.dirty).map((file) => file.path);
  }

  async saveAll(): Promise<void> {
    await Promise.all([...this.files.values()].map((file) => file.save()));
  }

  /** When edits are saved by themselves is another now. */
  autosaveChanged(): void {
    for (const file of this.files.values()) file.autosaveChanged();
  }

  /** Opens a list, or closes it. */
  pick(picker: PickerKind | undefined): void {
    this.state.setState({ picker });
  }

  setStatus(status: TextStatus): void {
    this.state.setState({ status });
  }

  /** Compares two files, or a file with what is on disk or in the clipboard. */
  compare(original: DiffSide, modified: DiffSide): void {
    this.openView({ kind: "diff", original, modified });
  }

  /** Keeps a text for as long as the page, to be compared with. */
  keepClipboard(text: string): DiffSide {
    const id = String(this.clipboards.length);
    this.clipboards.push(text);
    return { source: "clipboard", id };
  }

  clipboard(id: string): string {
    return this.clipboards[Number(id)] ?? "";
  }

  /** These paths changed on disk, or something above them. */
  pathsChanged(paths: readonly string[]): void {
    if (this.conventions.pathsChanged(paths)) {
      for (const file of this.files.values()) void file.conventionsChanged();
    }
    for (const file of this.files.values()) {
      const touched = paths.some((path) => path === file.path || file.path.startsWith(`${path}/`));
      if (touched) void file.followDisk();
    }
  }

  /** Anything may have changed. */
  rescan(): void {
    this.conventions.rescan();
    for (const file of this.files.values()) void file.followDisk();
  }

  /** We deleted something: its tabs go with it, but not edits that were never saved. */
  deleted(path: string): void {
    const gone = (key: string) => {
      const about = pathOf(key) ?? "";
      const below = about === path || about.startsWith(`${path}/`);
      return below && !openPaths(key).some((open) => this.file(open)?.dirty);
    };
    for (const [group, { order }] of Object.entries(this.groups.tabs)) {
      for (const key of order.filter(gone)) this.setTabs(group, (tabs) => closeTab(tabs, key));
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
    const keys = (key: string) => renamedKey(key, rename);
    this.viewStates.rename(keys);
    const tabs = Object.entries(this.groups.tabs).map(([id, of]) => [id, renameTabs(of, keys)]);
    this.setGroups({ ...this.groups, tabs: Object.fromEntries(tabs) });
  }

  dispose(): void {
    for (const file of this.files.values()) file.dispose();
    this.files.clear();
  }

  private get groups(): Groups {
    return this.state.getState().groups;
  }

  private setTabs(group: string, change: (tabs: Tabs) => Tabs, focus = false): void {
    const { groups } = this;
    const changed = withTabs(groups, group, change(tabsOf(groups, group)));
    this.setGroups(focus ? { ...changed, active: group } : changed);
  }

  /** The one place where groups change: what is shown is loaded, what no tab needs is forgotten. */
  private setGroups(groups: Groups): void {
    const tabs = tabsOf(groups, groups.active);
    const activePath = tabs.active === undefined ? undefined : pathOf(tabs.active);
    this.state.setState({ groups, tabs, activePath });
    this.environment.storage.setItem(this.groupsKey, serializeGroups(groups));
    const needed = new Set(openKeys(groups).flatMap(openPaths));
    for (const path of [...this.files.keys()]) {
      if (!needed.has(path)) this.forget(path);
    }
    this.viewStates.retain((key, group) => tabsOf(groups, group).order.includes(key));
    for (const { active } of Object.values(groups.tabs)) {
      if (active === undefined) continue;
      for (const path of openPaths(active)) {
        if (!this.files.has(path)) this.load(path, false);
      }
    }
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
    const contents = Object.fromEntries(
      [...this.files].map(([path, file]) => [path, file.content]),
    );
    this.state.setState({ contents });
    // Where something was edited, it is no longer only looked into.
    for (const path of this.dirtyPaths()) {
      for (const group of groupsWith(this.groups, path)) {
        if (tabsOf(this.groups, group).preview === path) this.keep(path, group);
      }
    }
  }
}
