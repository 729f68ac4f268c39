/** What the page remembers of a workspace's tree: what is open, focused, and being named. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { movedPath } from "./paths";
import type { NameEdit } from "./tree";

interface TreeState {
  expanded: ReadonlySet<string>;
  /** The row that the keyboard is on. */
  focused: string | undefined;
  showHidden: boolean;
  edit: NameEdit | undefined;
}

export interface TreeStore extends StoreApi<TreeState> {
  focus(path: string | undefined): void;
  expand(paths: readonly string[]): void;
  collapse(path: string): void;
  collapseAll(): void;
  setShowHidden(showHidden: boolean): void;
  setEdit(edit: NameEdit | undefined): void;
  /** A folder was moved: what was open in it stays open. */
  moved(from: string, to: string): void;
}

/** Each open folder is a request at the next visit. */
const REMEMBERED_FOLDERS_MAX = 200;

interface Remembered {
  expanded: string[];
  hiddenShown: boolean;
}

function read(key: string): Partial<Remembered> | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The tree of `workspace`; `fresh` when this browser has never shown it. */
export function createTreeStore(workspace: string): { store: TreeStore; fresh: boolean } {
  const key = `atelier.files.tree.${workspace}`;
  const remembered = read(key);
  const store = createStore<TreeState>(() => ({
    expanded: new Set(Array.isArray(remembered?.expanded) ? remembered.expanded : []),
    focused: undefined,
    showHidden: remembered?.hiddenShown === true,
    edit: undefined,
  }));
  store.subscribe(({ expanded, showHidden }, before) => {
    if (expanded === before.expanded && showHidden === before.showHidden) return;
    const folders = [...expanded].slice(-REMEMBERED_FOLDERS_MAX);
    localStorage.setItem(key, JSON.stringify({ expanded: folders, hiddenShown: showHidden }));
  });
  const setExpanded = (change: (expanded: Set<string>) => void) => {
    const expanded = new Set(store.getState().expanded);
    change(expanded);
    store.setState({ expanded });
  };
  return {
    fresh: remembered === undefined,
    store: Object.assign(store, {
      focus: (focused: string | undefined) => store.setState({ focused }),
      expand: (paths: readonly string[]) =>
        setExpanded((expanded) => {
          for (const path of paths) expanded.add(path);
        }),
      collapse: (path: string) => setExpanded((expanded) => expanded.delete(path)),
      collapseAll: () => store.setState({ expanded: new Set() }),
      setShowHidden: (showHidden: boolean) => store.setState({ showHidden }),
      setEdit: (edit: NameEdit | undefined) => store.setState({ edit }),
      moved: (from: string, to: string) => {
        const { expanded, focused } = store.getState();
        store.setState({
          expanded: new Set([...expanded].map((path) => movedPath(path, from, to))),
          focused: focused === undefined ? undefined : movedPath(focused, from, to),
        });
      },
    }),
  };
}
