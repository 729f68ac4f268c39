/** The panels of a running workspace: a side with views, editor and terminal; on phones, one at a time. */
import { type CSSProperties, type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Splitter } from "@/components/splitter";
import { cn } from "@/lib/cn";
import { followFocus } from "./focus";
import { useLayout } from "./layout";
import { useLayoutCommands } from "./layout-commands";
import { SIDE_WIDTH, TERMINAL_HEIGHT, TERMINAL_WIDTH } from "./layout-store";
import { SheetBar } from "./sheet-bar";
import { SideViews, shownView, ViewStrip } from "./side-panel";
import type { SideView } from "./side-views";
import { useLastSeen } from "./use-last-seen";
import { ZenExit } from "./zen-exit";

interface WorkbenchProps {
  workspace: string;
  /** What the side panel can show, the first by default. */
  views: readonly SideView[];
  editor: ReactNode;
  terminal: ReactNode;
}

/** What is left to the editor however large the terminal is drawn, in pixels. */
const EDITOR_MIN = { height: 80, width: 200 };

/**
 * All panels stay mounted, hidden or not: a terminal keeps its scrollback, an editor its undo. The
 * width alone decides the form, by CSS, so turning a tablet loses nothing.
 */
export function Workbench({ workspace, views, editor, terminal }: WorkbenchProps) {
  const { t } = useTranslation("layout");
  const layout = useLayout();
  const { zen, terminalOpen, maximized } = layout;
  const [rest, setRest] = useState<HTMLElement | null>(null);
  const right = layout.terminalPosition === "right";
  const isView = layout.sheet !== "editor" && layout.sheet !== "terminal";
  // A phone's sheet may name a view that is not there any more.
  const view = shownView(views, isView ? layout.sheet : layout.view);
  const sideSeen = layout.sideOpen && !zen;
  const terminalSeen = terminalOpen && maximized !== "editor";
  useLayoutCommands(views);
  useEffect(followFocus, []);
  useLastSeen(workspace);
  return (
    <>
      <main
        className="flex min-h-0 flex-1"
        style={
          {
            "--side-width": `${layout.sideWidth}px`,
            "--terminal-height": `${layout.terminalHeight}px`,
            "--terminal-width": `${layout.terminalWidth}px`,
          } as CSSProperties
        }
      >
        {zen ? null : <ViewStrip views={views} />}
        <div
          data-panel="side"
          className={cn(
            "min-w-0 shrink-0 max-md:w-full md:w-(--side-width)",
            !(isView && view) && "max-md:hidden",
            !sideSeen && "md:hidden",
          )}
        >
          <SideViews views={views} />
        </div>
        {sideSeen ? (
          <Splitter
            label={t("resizeSide")}
            axis="inline"
            of="before"
            size={layout.sideWidth}
            {...SIDE_WIDTH}
            onSize={(sideWidth) => layout.set({ sideWidth })}
          />
        ) : null}
        <div
          ref={setRest}
          className={cn(
            "flex min-w-0 flex-1 flex-col",
            right && "md:flex-row",
            isView && "max-md:hidden",
          )}
        >
          <div
            data-panel="editor"
            className={cn(
              "min-h-0 min-w-0 flex-1",
              layout.sheet !== "editor" && "max-md:hidden",
              terminalOpen && maximized === "terminal" && "md:hidden",
            )}
          >
            {editor}
          </div>
          {terminalOpen && maximized === "none" ? (
            right ? (
              <Splitter
                label={t("resizeTerminalWidth")}
                axis="inline"
                of="after"
                size={layout.terminalWidth}
                {...TERMINAL_WIDTH}
                max={room(rest?.clientWidth, EDITOR_MIN.width, TERMINAL_WIDTH)}
                onSize={(terminalWidth) => layout.set({ terminalWidth })}
              />
            ) : (
              <Splitter
                label={t("resizeTerminal")}
                axis="block"
                of="after"
                size={layout.terminalHeight}
                {...TERMINAL_HEIGHT}
                max={room(rest?.clientHeight, EDITOR_MIN.height, TERMINAL_HEIGHT)}
                onSize={(terminalHeight) => layout.set({ terminalHeight })}
              />
            )
          ) : null}
          <div
            data-panel="terminal"
            className={cn(
              "min-h-0 min-w-0 max-md:flex-1",
              layout.sheet !== "terminal" && "max-md:hidden",
              !terminalSeen && "md:hidden",
              maximized === "terminal"
                ? "md:flex-1"
                : right
                  ? "md:w-(--terminal-width) md:max-w-[calc(100%-200px)] md:shrink-0"
                  : "md:h-(--terminal-height) md:max-h-[calc(100%-80px)] md:shrink-0",
            )}
          >
            {terminal}
          </div>
        </div>
        {zen ? <ZenExit /> : null}
      </main>
      <SheetBar views={views} />
    </>
  );
}

/** The most that the terminal may take of what editor and terminal have together. */
function room(all: number | undefined, rest: number, of: { min: number; max: number }): number {
  return Math.max(of.min, (all ?? of.max) - rest);
}
