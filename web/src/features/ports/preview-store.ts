/**
 * The preview of one workspace: which port is shown, where in it, and how wide. It comes back when the page is
 * loaded again, in this tab alone: an application's paths may hold what is nobody else's business.
 */
import * as z from "zod/mini";
import { create } from "zustand";
import { whenPersonGoes } from "@/lib/tab-person";
import type { PortAddressing } from "./queries";

/** Widths in pixels, as of a phone and a tablet held upright; none fills the panel. */
export const WIDTHS = { full: undefined, tablet: 768, phone: 390 } as const;
export type Width = keyof typeof WIDTHS;

/** So many pages can be gone back to. */
const BEFORE_MAX = 50;

/** What is remembered of a preview. */
const REMEMBERED = z.object({
  port: z.int().check(z.gte(1), z.lte(65_535)),
  path: z.string().check(z.regex(/^\/(?!\/)/)),
  /** The pages that were asked for before, the newest last. */
  before: z.array(z.string()).check(z.maxLength(BEFORE_MAX)),
  addressing: z.enum(["host", "path"]),
  width: z.enum(["full", "tablet", "phone"]),
});

export interface Preview extends z.output<typeof REMEMBERED> {
  /** Grows with each reload. */
  turn: number;
}

interface Previews {
  open: Readonly<Record<string, Preview>>;
  show: (workspace: string, port: number, addressing: PortAddressing) => void;
  change: (workspace: string, change: Partial<Preview>) => void;
  go: (workspace: string, path: string) => void;
  back: (workspace: string) => void;
  close: (workspace: string) => void;
}

const KEY = "atelier.previews";

export const usePreviews = create<Previews>()((set) => {
  const edit = (workspace: string, how: (preview: Preview) => Preview) =>
    set(({ open }) => {
      const preview = open[workspace];
      return preview ? { open: { ...open, [workspace]: how(preview) } } : {};
    });
  return {
    open: remembered(),
    show: (workspace, port, addressing) =>
      set(({ open }) => {
        const width = open[workspace]?.width ?? "full";
        const turn = (open[workspace]?.turn ?? 0) + 1;
        const preview = { port, path: "/", before: [], addressing, width, turn };
        return { open: { ...open, [workspace]: preview } };
      }),
    change: (workspace, change) => edit(workspace, (preview) => ({ ...preview, ...change })),
    go: (workspace, path) =>
      edit(workspace, (preview) => ({
        ...preview,
        path,
        before: [...preview.before, preview.path].slice(-BEFORE_MAX),
        turn: preview.turn + 1,
      })),
    back: (workspace) =>
      edit(workspace, (preview) => {
        const path = preview.before.at(-1);
        if (path === undefined) return preview;
        return { ...preview, path, before: preview.before.slice(0, -1), turn: preview.turn + 1 };
      }),
    close: (workspace) =>
      set(({ open }) => {
        const { [workspace]: _closed, ...rest } = open;
        return { open: rest };
      }),
  };
});

usePreviews.subscribe(({ open }) => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(open));
  } catch {
    // The storage is full or blocked: previews are open until the page is left.
  }
});

whenPersonGoes(() => usePreviews.setState({ open: {} }));

/** Those that were open when this tab was loaded last; what makes no sense was not. */
export function remembered(): Record<string, Preview> {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    return Object.fromEntries(
      Object.entries(stored ?? {}).flatMap(([workspace, one]) => {
        const { data } = z.safeParse(REMEMBERED, one);
        return data ? [[workspace, { ...data, turn: 0 }]] : [];
      }),
    );
  } catch {
    return {};
  }
}

/** What a person typed, as a path of the application: an address loses its host. */
export function pathOf(typed: string): string {
  const text = typed.trim();
  try {
    const url = new URL(text, "http://application");
    if (!text.startsWith("//")) return url.pathname + url.search + url.hash;
  } catch {
    // Not an address: a path that needs its slash.
  }
  return `/${encodeURI(text.replace(/^\/+/, ""))}`;
}
