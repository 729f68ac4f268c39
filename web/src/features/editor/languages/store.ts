/** What is known of a workspace's language servers and of what they found: read by React. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { components } from "@/api/schema.gen";

export type LanguageServer = components["schemas"]["LanguageServer"];

/** How bad a problem is; the worst first. */
export const SEVERITIES = ["error", "warning", "info", "hint"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Something that a server found in a text: lines and columns from 1. */
export interface Problem {
  severity: Severity;
  message: string;
  source: string | undefined;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** A place with a name, in a list to choose from. */
export interface NamedPlace {
  name: string;
  detail: string;
  path: string;
  line: number;
  column: number;
}

/** What is asked of the servers by dialogs; there once a server is. */
export interface LanguageQuestions {
  /** Symbols of all projects whose servers run. */
  symbols(query: string): Promise<NamedPlace[]>;
  /** Who calls the function at the place, and whom it calls. */
  calls(
    path: string,
    place: { line: number; column: number },
  ): Promise<{ incoming: NamedPlace[]; outgoing: NamedPlace[] }>;
}

export interface LanguagesState {
  /** The servers of what is open, by {@link serverKey}. */
  servers: Readonly<Record<string, LanguageServer & { connected: boolean }>>;
  /** Which server an open file has. */
  serverOf: Readonly<Record<string, string>>;
  problems: Readonly<Record<string, readonly Problem[]>>;
  questions: LanguageQuestions | undefined;
  /** The server whose log is shown. */
  logOf: string | undefined;
  /** The list that is shown over the page. */
  list: "symbols" | "calls" | undefined;
}

export type LanguagesStore = StoreApi<LanguagesState>;

export function createLanguagesStore(): LanguagesStore {
  return createStore<LanguagesState>(() => ({
    servers: {},
    serverOf: {},
    problems: {},
    questions: undefined,
    logOf: undefined,
    list: undefined,
  }));
}

export function serverKey({ language, root }: Pick<LanguageServer, "language" | "root">): string {
  return `${language}:${root}`;
}

/** How many problems of each severity there are. */
export function countProblems(problems: LanguagesState["problems"]): Record<Severity, number> {
  const counts = { error: 0, warning: 0, info: 0, hint: 0 };
  for (const { severity } of Object.values(problems).flat()) counts[severity] += 1;
  return counts;
}
