/** The panels of a running workspace: tree beside editor over terminal; on phones, one at a time. */
import { Code, FolderTree, SquareTerminal } from "lucide-react";
import { type CSSProperties, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { type Sheet, TERMINAL_HEIGHT, TREE_WIDTH, useLayout } from "./layout";
import { Splitter } from "./splitter";

interface WorkbenchProps {
  files: ReactNode;
  editor: ReactNode;
  terminal: ReactNode;
}

/**
 * All three stay mounted, hidden or not: a terminal keeps its scrollback, an editor its undo. The
 * width alone decides the form, by CSS, so turning a tablet loses nothing.
 */
export function Workbench({ files, editor, terminal }: WorkbenchProps) {
  const { t } = useTranslation("workbench");
  const layout = useLayout();
  const [column, setColumn] = useState<HTMLElement | null>(null);
  const { sheet, terminalOpen, terminalMaximized } = layout;
  const room = (column?.clientHeight ?? TERMINAL_HEIGHT.max) - EDITOR_HEIGHT_MIN;
  return (
    <>
      <main
        className="flex min-h-0 flex-1"
        style={
          {
            "--tree-width": `${layout.treeWidth}px`,
            "--terminal-height": `${layout.terminalHeight}px`,
          } as CSSProperties
        }
      >
        <div
          className={cn(
            "min-w-0 shrink-0 max-md:w-full md:w-(--tree-width)",
            sheet !== "files" && "max-md:hidden",
            !layout.treeOpen && "md:hidden",
          )}
        >
          {files}
        </div>
        {layout.treeOpen ? (
          <Splitter
            label={t("layout.resizeTree")}
            axis="inline"
            size={layout.treeWidth}
            {...TREE_WIDTH}
            onSize={(treeWidth) => layout.set({ treeWidth })}
          />
        ) : null}
        <div
          ref={setColumn}
          className={cn("flex min-w-0 flex-1 flex-col", sheet === "files" && "max-md:hidden")}
        >
          <div
            className={cn(
              "min-h-0 flex-1",
              sheet !== "editor" && "max-md:hidden",
              terminalOpen && terminalMaximized && "md:hidden",
            )}
          >
            {editor}
          </div>
          {terminalOpen && !terminalMaximized ? (
            <Splitter
              label={t("layout.resizeTerminal")}
              axis="block"
              size={layout.terminalHeight}
              {...TERMINAL_HEIGHT}
              max={Math.max(TERMINAL_HEIGHT.min, room)}
              onSize={(terminalHeight) => layout.set({ terminalHeight })}
            />
          ) : null}
          <div
            className={cn(
              "min-h-0 max-md:flex-1",
              sheet !== "terminal" && "max-md:hidden",
              !terminalOpen && "md:hidden",
              terminalMaximized
                ? "md:flex-1"
                : "md:h-(--terminal-height) md:max-h-[calc(100%-80px)] md:shrink-0",
            )}
          >
            {terminal}
          </div>
        </div>
      </main>
      <SheetBar />
    </>
  );
}

/** What is left to the editor however high the terminal is drawn, in pixels. */
const EDITOR_HEIGHT_MIN = 80;

const SHEETS = [
  { sheet: "files", icon: FolderTree },
  { sheet: "editor", icon: Code },
  { sheet: "terminal", icon: SquareTerminal },
] as const satisfies readonly { sheet: Sheet; icon: typeof Code }[];

/** A phone's way between the panels. */
function SheetBar() {
  const { t } = useTranslation("workbench");
  const { sheet: shown, set } = useLayout();
  return (
    <nav
      aria-label={t("layout.sheets")}
      className="flex shrink-0 border-t bg-canvas pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {SHEETS.map(({ sheet, icon: Icon }) => (
        <button
          key={sheet}
          type="button"
          aria-pressed={shown === sheet}
          onClick={() => set({ sheet })}
          className={cn(
            "flex h-12 flex-1 flex-col items-center justify-center text-ink-2 text-xs",
            shown === sheet && "bg-selected text-accent-text",
          )}
        >
          <Icon className="size-[18px]" strokeWidth={1.75} aria-hidden />
          {t(`layout.sheet.${sheet}`)}
        </button>
      ))}
    </nav>
  );
}
