/** The way to the shown file, with what stands beside each part; then the symbols at the cursor. */
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { $agentApi } from "@/api/agent";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import { shownPath } from "@/lib/shown-path";
import type { MonacoBuffer } from "./monaco";
import type { EditorSession } from "./session";
import type { OutlineSymbol } from "./symbols";

interface BreadcrumbsProps {
  workspace: string;
  path: string;
  session: EditorSession;
  group: string;
  /** The text, where it is one. */
  buffer: MonacoBuffer | undefined;
}

export function Breadcrumbs({ workspace, path, session, group, buffer }: BreadcrumbsProps) {
  const { t } = useTranslation("editor");
  const parts = path.split("/");
  const symbols = useSymbols(session, group, buffer);
  return (
    <nav
      aria-label={t("breadcrumbs.label")}
      dir="ltr"
      className="flex h-6 shrink-0 items-center overflow-x-auto border-b px-2 text-ink-2 text-xs [scrollbar-width:none]"
    >
      {parts.map((part, index) => (
        <span key={parts.slice(0, index + 1).join("/")} className="flex shrink-0 items-center">
          {index > 0 ? <Separator /> : null}
          <SiblingMenu
            workspace={workspace}
            name={shownPath(part)}
            folder={parts.slice(0, index).join("/")}
            onOpen={(chosen) => session.open(chosen, { group })}
          />
        </span>
      ))}
      {symbols.map((symbol) => (
        <span key={`${symbol.line}:${symbol.column}`} className="flex shrink-0 items-center">
          <Separator />
          <button
            type="button"
            className="rounded-sm px-1 hover:bg-hover hover:text-ink"
            onClick={() => session.open(path, { group, line: symbol.line, column: symbol.column })}
          >
            {symbol.name}
          </button>
        </span>
      ))}
    </nav>
  );
}

function Separator() {
  return <ChevronRight aria-hidden className="size-3 shrink-0 text-ink-3" />;
}

/** How many entries a menu shows. */
const SIBLINGS_MAX = 200;

interface SiblingMenuProps {
  workspace: string;
  name: string;
  /** Where the menu begins. */
  folder: string;
  onOpen: (path: string) => void;
}

function SiblingMenu({ workspace, name, folder, onOpen }: SiblingMenuProps) {
  const { t } = useTranslation("editor");
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState(folder);
  const list = useQuery({
    ...$agentApi.queryOptions("get", "/api/v1/workspaces/{workspace}/files/list", {
      params: { path: { workspace }, query: { path: shown, limit: SIBLINGS_MAX } },
    }),
    enabled: open,
    staleTime: 0,
  });
  const up = shown.includes("/") ? shown.slice(0, shown.lastIndexOf("/")) : "";
  return (
    <Menu
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (next) setShown(folder);
      }}
    >
      <MenuTrigger className="rounded-sm px-1 hover:bg-hover hover:text-ink">{name}</MenuTrigger>
      <MenuContent align="start" className="max-h-80 overflow-y-auto">
        {shown === folder ? null : (
          <MenuItem
            onSelect={(event) => {
              event.preventDefault();
              setShown(up);
            }}
          >
            ..
          </MenuItem>
        )}
        {list.isError ? <MenuItem disabled>{t("breadcrumbs.failed")}</MenuItem> : null}
        {list.data?.items.map((entry) => {
          const folderLike = (entry.target_kind ?? entry.kind) === "directory";
          return (
            <MenuItem
              key={entry.path}
              onSelect={(event) => {
                if (folderLike) {
                  event.preventDefault();
                  setShown(entry.path);
                } else onOpen(entry.path);
              }}
            >
              <bdi dir="ltr">{folderLike ? `${entry.name}/` : entry.name}</bdi>
            </MenuItem>
          );
        })}
        {list.data?.next_cursor ? <MenuItem disabled>{t("breadcrumbs.more")}</MenuItem> : null}
      </MenuContent>
    </Menu>
  );
}

/** A cursor that moves on is not asked about. */
const CURSOR_PAUSE_MS = 200;
const NO_SYMBOLS: OutlineSymbol[] = [];

/** The symbols around the cursor of the group's text, while it is the active one. */
function useSymbols(
  session: EditorSession,
  group: string,
  buffer: MonacoBuffer | undefined,
): OutlineSymbol[] {
  const cursor = useStore(session.state, ({ groups, status }) =>
    groups.active === group ? status?.cursor : undefined,
  );
  const [symbols, setSymbols] = useState(NO_SYMBOLS);
  const line = cursor?.line;
  const column = cursor?.column;
  useEffect(() => {
    if (!buffer) setSymbols(NO_SYMBOLS);
    if (!buffer || line === undefined || column === undefined) return;
    let cancel = () => {};
    const timer = setTimeout(async () => {
      const [{ symbolsAt }, { monaco }] = await Promise.all([
        import("./symbols"),
        import("./monaco"),
      ]);
      if (buffer.model.isDisposed()) return;
      const source = new monaco.CancellationTokenSource();
      cancel = () => source.cancel();
      try {
        setSymbols(await symbolsAt(buffer.model, { lineNumber: line, column }, source.token));
      } catch {
        // Cancelled, or a language that cannot say: the path alone is shown.
        setSymbols(NO_SYMBOLS);
      }
    }, CURSOR_PAUSE_MS);
    return () => {
      clearTimeout(timer);
      cancel();
    };
  }, [buffer, line, column]);
  return symbols;
}
