/** A change, looked into below its lines: what stood there before, and what can be done with it. */
import { ArrowDown, ArrowUp, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import type { TextView } from "@/lib/text-views";
import { type LineChange, nextChange, standsAt } from "./line-changes";

/** More lines than these are scrolled. */
const LINES_SHOWN = 12;
const HEAD_HEIGHT_PX = 40;
const LINE_HEIGHT_PX = 20;
/** What is drawn of a long change; the diff view shows all of it. */
const LINES_DRAWN_MAX = 400;

export interface PeekProps {
  view: TextView;
  changes: readonly LineChange[];
  line: number;
  onStage: (view: TextView, change: LineChange) => Promise<void>;
  onRevert: (view: TextView, change: LineChange) => void;
  onGo: (line: number) => void;
  onClose: () => void;
}

export function Peek({ view, changes, line, onStage, onRevert, onGo, onClose }: PeekProps) {
  const { t } = useTranslation("git");
  const [pending, setPending] = useState(false);
  const { editor: code, model, monaco } = view;
  const at = changes.findIndex((change) => standsAt(change, line));
  const change = changes[at];
  const lines = change
    ? [
        ...change.before.map((text) => ({ kind: "removed" as const, text })),
        ...Array.from({ length: change.count }, (_, index) => ({
          kind: "added" as const,
          text: textAt(model, change.start + index),
        })),
      ]
    : [];
  const rows = Math.min(lines.length, LINES_SHOWN);
  const below = change ? change.start + Math.max(change.count, 1) - 1 : line;
  const box = useRoom(view, change?.start === 0 && change.count === 0 ? 0 : below, rows);
  const latest = useRef(onClose);
  latest.current = onClose;
  useEffect(() => {
    const listener = code.onKeyDown(({ keyCode }) => {
      if (keyCode === monaco.KeyCode.Escape) latest.current();
    });
    return () => listener.dispose();
  }, [code, monaco]);
  if (!change) return null;
  const close = () => {
    onClose();
    code.focus();
  };
  const go = (step: 1 | -1) => {
    const to = nextChange(changes, line, step);
    if (to) onGo(Math.max(to.start, 1));
  };
  return createPortal(
    <section
      aria-label={t("peek.title", { number: at + 1, count: changes.length })}
      className="flex h-full flex-col border-accent border-y bg-raised text-ink text-sm"
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") close();
      }}
    >
      <div
        dir={document.documentElement.dir || "ltr"}
        className="flex h-9 shrink-0 items-center gap-1 border-b px-2 font-sans"
      >
        <span className="min-w-0 flex-1 truncate text-ink-2">
          {t("peek.title", { number: at + 1, count: changes.length })}
        </span>
        <Button
          size="sm"
          variant="ghost"
          disabledReason={view.readOnly ? t("peek.readOnly") : undefined}
          onClick={() => {
            onRevert(view, change);
            close();
          }}
        >
          {t("peek.revert")}
        </Button>
        <Button
          size="sm"
          variant="ghost"
          pending={pending}
          disabledReason={view.readOnly ? t("peek.readOnly") : undefined}
          onClick={() => {
            setPending(true);
            void onStage(view, change).finally(() => setPending(false));
          }}
        >
          {t("hunk.stage")}
        </Button>
        <IconButton label={t("text.previous")} onClick={() => go(-1)}>
          <ArrowUp />
        </IconButton>
        <IconButton label={t("text.next")} onClick={() => go(1)}>
          <ArrowDown />
        </IconButton>
        <IconButton label={t("peek.close")} onClick={close}>
          <X />
        </IconButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what is longer than its place is scrolled by keys. */}
      <pre dir="ltr" tabIndex={0} className="min-h-0 flex-1 overflow-auto font-mono leading-5">
        {lines.slice(0, LINES_DRAWN_MAX).map(({ kind, text }, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else that names them.
            key={index}
            className={`block w-max min-w-full px-2 ${kind === "added" ? "bg-ok-soft" : "bg-bad-soft"}`}
          >
            {kind === "added" ? "+ " : "− "}
            {text}
          </span>
        ))}
      </pre>
    </section>,
    box,
  );
}

function textAt(model: TextView["model"], line: number): string {
  return line <= model.getLineCount() ? model.getLineContent(line) : "";
}

let rooms = 0;

/** Room between two lines, and an element over it: what lies in Monaco's own lines takes no clicks. */
function useRoom(view: TextView, afterLineNumber: number, rows: number): HTMLElement {
  const { editor: code, monaco } = view;
  const [element] = useState(() => document.createElement("div"));
  // The element stays while it goes from change to change, and with it the focus in it.
  useEffect(() => {
    element.style.position = "absolute";
    element.style.zIndex = "2";
    const place = () => {
      const { contentLeft, width, verticalScrollbarWidth, minimap } = code.getLayoutInfo();
      element.style.left = `${contentLeft}px`;
      element.style.width = `${width - contentLeft - verticalScrollbarWidth - minimap.minimapWidth}px`;
    };
    place();
    rooms += 1;
    const id = `atelier.git.peek.${rooms}`;
    const widget = { getId: () => id, getDomNode: () => element, getPosition: () => null };
    code.addOverlayWidget(widget);
    const listener = code.onDidLayoutChange(place);
    return () => {
      listener.dispose();
      code.removeOverlayWidget(widget);
    };
  }, [code, element]);
  useEffect(() => {
    const heightInPx = HEAD_HEIGHT_PX + rows * LINE_HEIGHT_PX + 6;
    let zone = "";
    code.changeViewZones((zones) => {
      zone = zones.addZone({
        afterLineNumber,
        heightInPx,
        domNode: document.createElement("div"),
        onDomNodeTop: (top) => {
          element.style.top = `${top}px`;
        },
        onComputedHeight: (height) => {
          element.style.height = `${height}px`;
        },
      });
    });
    code.revealLineInCenterIfOutsideViewport(
      Math.max(afterLineNumber, 1),
      monaco.editor.ScrollType.Immediate,
    );
    return () => code.changeViewZones((zones) => zones.removeZone(zone));
  }, [code, element, monaco, afterLineNumber, rows]);
  return element;
}
