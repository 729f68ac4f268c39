/**
 * One search in a workspace: what is looked for, what was found, and what was done with it. Knows no
 * component; the panel shows its state.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import { ApiError } from "@/api/errors";
import { type Dismissed, withFiles } from "./results";
import { searchText } from "./stream";
import type { FoundFile, SearchEvent, SearchSummary, TextPattern, TextSearch } from "./types";

/** What a person has entered. */
export interface SearchFields {
  query: string;
  replacement: string;
  /** The second field is shown, and each match says what it would become. */
  replacing: boolean;
  caseSensitive: boolean;
  word: boolean;
  regex: boolean;
  /** The globs' fields are shown. */
  details: boolean;
  include: string;
  exclude: string;
  /** The folder that is searched; everything when empty. */
  path: string;
  ignored: boolean;
  hidden: boolean;
}

export interface SearchState {
  fields: SearchFields;
  status: "idle" | "searching" | "done" | "failed";
  files: readonly FoundFile[];
  /** How many files have been searched so far. */
  searched: number;
  summary: SearchSummary | undefined;
  error: unknown;
  /** What was searched: the fields may have changed since. */
  request: TextSearch | undefined;
  collapsed: ReadonlySet<string>;
  dismissed: Dismissed;
  /** The row that the keyboard is on. */
  focused: string | undefined;
  /** How often the field of the query was asked to take the focus. */
  focusAsked: number;
}

const FIELDS: SearchFields = {
  query: "",
  replacement: "",
  replacing: false,
  caseSensitive: false,
  word: false,
  regex: false,
  details: false,
  include: "",
  exclude: "",
  path: "",
  ignored: false,
  hidden: false,
};

/** Nobody waits for a search in the middle of a word. */
const TYPING_PAUSE_MS = 180;

const NOTHING = {
  files: [],
  searched: 0,
  summary: undefined,
  error: undefined,
  request: undefined,
  collapsed: new Set<string>(),
  dismissed: new Map(),
  focused: undefined,
} satisfies Partial<SearchState>;

/** These only change what is shown. */
const SHOWN_ONLY: ReadonlySet<string> = new Set(["details"]);

export class SearchSession {
  readonly state: StoreApi<SearchState>;
  private running: AbortController | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly workspace: string,
    private readonly search = searchText,
  ) {
    this.state = createStore<SearchState>(() => ({
      fields: FIELDS,
      status: "idle",
      focusAsked: 0,
      ...NOTHING,
    }));
  }

  /** Changes fields, and searches again after a pause in typing. */
  set(change: Partial<SearchFields>): void {
    this.state.setState(({ fields }) => ({ fields: { ...fields, ...change } }));
    if (Object.keys(change).every((field) => SHOWN_ONLY.has(field))) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), TYPING_PAUSE_MS);
  }

  /** Searches now. */
  async run(): Promise<void> {
    this.stop();
    const { fields } = this.state.getState();
    if (fields.query === "") {
      this.state.setState({ status: "idle", ...NOTHING });
      return;
    }
    const request = requestOf(fields);
    const controller = new AbortController();
    this.running = controller;
    // What was found before stays to be seen until the first new result, or the end.
    let fresh = true;
    this.state.setState({ status: "searching", error: undefined, searched: 0 });
    const begin = (): Partial<SearchState> => {
      if (!fresh) return {};
      fresh = false;
      return { ...NOTHING, request };
    };
    const found = (events: SearchEvent[]) => {
      if (this.running !== controller) return;
      const files = events.flatMap((event) => (event.type === "file" ? [event] : []));
      const summary = events.find((event) => event.type === "done");
      const progress = events.findLast((event) => event.type === "progress");
      const started = files.length > 0 || summary ? begin() : {};
      this.state.setState((state) => ({
        ...started,
        files: withFiles(started.files ?? state.files, files),
        searched: summary?.files ?? progress?.files ?? state.searched,
        ...(summary ? { summary, status: "done" } : {}),
      }));
    };
    try {
      await this.search(this.workspace, request, controller.signal, found);
    } catch (error) {
      if (this.running !== controller) return;
      if (error instanceof ApiError && error.code === "aborted") return;
      this.state.setState({ ...NOTHING, status: "failed", error });
    } finally {
      if (this.running === controller) this.running = undefined;
    }
  }

  /** Ends the search; what was found stays. */
  cancel(): void {
    const { status } = this.state.getState();
    this.stop();
    if (status === "searching") this.state.setState({ status: "done" });
  }

  /** Forgets what was looked for and found. */
  clear(): void {
    this.stop();
    this.state.setState(({ fields }) => ({
      fields: { ...fields, query: "", replacement: "" },
      status: "idle",
      ...NOTHING,
    }));
  }

  toggle(path: string): void {
    this.state.setState(({ collapsed }) => {
      const next = new Set(collapsed);
      if (!next.delete(path)) next.add(path);
      return { collapsed: next };
    });
  }

  setAllCollapsed(collapse: boolean): void {
    this.state.setState(({ files }) => ({
      collapsed: new Set(collapse ? files.map(({ path }) => path) : []),
    }));
  }

  /** Takes a match, or all of a file, off the list: it will not be replaced. */
  dismiss(path: string, index?: number): void {
    this.state.setState(({ dismissed }) => {
      const gone = dismissed.get(path);
      if (index === undefined || gone === "all")
        return { dismissed: new Map(dismissed).set(path, "all") };
      return { dismissed: new Map(dismissed).set(path, new Set([...(gone ?? []), index])) };
    });
  }

  focus(key: string | undefined): void {
    this.state.setState({ focused: key });
  }

  /** Puts the focus into the query, once the panel is to be seen. */
  askFocus(): void {
    this.state.setState(({ focusAsked }) => ({ focusAsked: focusAsked + 1 }));
  }

  dispose(): void {
    this.stop();
  }

  private stop(): void {
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = undefined;
  }
}

/** The globs of a field: separated by commas, but for those inside of braces. */
export function globsOf(field: string): string[] {
  const globs = [""];
  let depth = 0;
  for (const character of field) {
    if (character === "{") depth += 1;
    if (character === "}") depth = Math.max(0, depth - 1);
    if (character === "," && depth === 0) globs.push("");
    else globs[globs.length - 1] += character;
  }
  return globs.map((glob) => glob.trim()).filter((glob) => glob !== "");
}

function patternOf(fields: SearchFields): TextPattern {
  return {
    query: fields.query,
    regex: fields.regex,
    case: fields.caseSensitive ? "sensitive" : "insensitive",
    word: fields.word,
  };
}

function requestOf(fields: SearchFields): TextSearch {
  return {
    pattern: patternOf(fields),
    scope: {
      path: fields.path,
      include: globsOf(fields.include),
      exclude: globsOf(fields.exclude),
      ignored: fields.ignored,
      hidden: fields.hidden,
    },
    ...(fields.replacing ? { replacement: fields.replacement } : {}),
  };
}
