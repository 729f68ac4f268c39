/** What the page remembers of a workspace's tree: what is open, focused, and being named. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { type Order, SORT_KEYS } from "./order";
import { movedPath } from "./paths";
import type { NameEdit } from "./rows";
import { NOTHING, only, type Selection } from "./selection";

interface TreeState {
  expanded: ReadonlySet<string>;
  /** The row that the keyboard is on. */
  focused: string | undefined;
  selection: Selection;
  showHidden: boolean;
  /** Size and time stand beside the names. */
  showDetails: boolean;
  order: Order;
  /** What names are filtered by; undefined while the field is closed. */
  filter: string | undefined;
  edit: NameEdit | undefined;
}

export interface TreeStore extends StoreApi<TreeState> {
  /** The keyboard is on this row, and only it is chosen. */
  focus(path: string | undefined): void;
  /** The keyboard is on this row, and these are chosen. */
  select(selection: Selection, focused?: string): void;
  expand(paths: readonly string[]): void;
  collapse(path: string): void;
  collapseAll(): void;
  setView(view: Partial<Pick<TreeState, "showHidden" | "showDetails" | "order">>): void;
  setFilter(filter: string | undefined): void;
  setEdit(edit: NameEdit | undefined): void;
  /** A folder was moved: what was open in it stays open. */
  moved(from: string, to: string): void;
}

/** Each open folder is a request at the next visit. */
const REMEMBERED_FOLDERS_MAX = 200;

interface Remembered {
  expanded: string[];
  hiddenShown: boolean;
  detailsShown: boolean;
  order: Order;
}

const BY_NAME: Order = { by: "name", descending: false };

function orderOf(remembered: Order | undefined): Order {
  const by = SORT_KEYS.find((key) => key === remembered?.by);
  return by ? { by, descending: remembered?.descending === true } : BY_NAME;
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
    selection: NOTHING,
    showHidden: remembered?.hiddenShown === true,
    showDetails: remembered?.detailsShown === true,
    order: orderOf(remembered?.order),
    filter: undefined,
    edit: undefined,
  }));
  store.subscribe((state, before) => {
    const { expanded, showHidden, showDetails, order } = state;
    const same =
      expanded === before.expanded &&
      showHidden === before.showHidden &&
      showDetails === before.showDetails &&
      order === before.order;
    if (same) return;
    const value: Remembered = {
      expanded: [...expanded].slice(-REMEMBERED_FOLDERS_MAX),
      hiddenShown: showHidden,
      detailsShown: showDetails,
      order,
    };
    localStorage.setItem(key, JSON.stringify(value));
  });
  const setExpanded = (change: (expanded: Set<string>) => void) => {
    const expanded = new Set(store.getState().expanded);
    change(expanded);
    store.setState({ expanded });
  };
  return {
    fresh: remembered === undefined,
    store: Object.assign(store, {
      focus: (focused: string | undefined) => store.setState({ focused, selection: only(focused) }),
      select: (selection: Selection, focused?: string) =>
        store.setState((state) => ({ selection, focused: focused ?? state.focused })),
      expand: (paths: readonly string[]) =>
        setExpanded((expanded) => {
          for (const path of paths) expanded.add(path);
        }),
      collapse: (path: string) => setExpanded((expanded) => expanded.delete(path)),
      collapseAll: () => store.setState({ expanded: new Set() }),
      setView: (view: Partial<TreeState>) => store.setState(view),
      setFilter: (filter: string | undefined) => store.setState({ filter }),
      setEdit: (edit: NameEdit | undefined) => store.setState({ edit }),
      moved: (from: string, to: string) => {
        const { expanded, focused, selection } = store.getState();
        const moved = (path: string) => movedPath(path, from, to);
        store.setState({
          expanded: new Set([...expanded].map(moved)),
          focused: focused === undefined ? undefined : moved(focused),
          selection: {
            paths: new Set([...selection.paths].map(moved)),
            anchor: selection.anchor === undefined ? undefined : moved(selection.anchor),
          },
        });
      },
    }),
  };
}
