/** A Markdown document, rendered as it is edited. A lazy chunk. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { contentUrl } from "@/api/agent";
import { shownPath } from "@/lib/shown-path";
import { type MarkdownPlace, renderMarkdown } from "./markdown";
import { followLine, tellLine } from "./scroll-sync";
import "./markdown.css";

interface MarkdownViewProps {
  workspace: string;
  path: string;
  text: string;
  onOpen: (path: string) => void;
}

export function MarkdownView({ workspace, path, text, onOpen }: MarkdownViewProps) {
  const { t } = useTranslation("editor");
  const body = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLElement>(null);

  useEffect(() => {
    const place: MarkdownPlace = { path, contentUrl: (of) => contentUrl(workspace, of) };
    body.current?.replaceChildren(renderMarkdown(text, place));
  }, [workspace, path, text]);

  useEffect(
    () =>
      followLine(path, "preview", (line) => {
        const element = box.current;
        const target = blockAt(body.current, line);
        if (element && target) element.scrollTop = target.offsetTop - element.offsetTop - 12;
      }),
    [path],
  );

  const openLink = (target: EventTarget) => {
    const link = (target as Element).closest("[data-path]");
    const at = link?.getAttribute("data-path");
    if (at) onOpen(at);
    return at !== undefined && at !== null;
  };
  return (
    <section
      ref={box}
      aria-label={t("markdown.content", { name: shownPath(path) })}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard.
      tabIndex={0}
      className="h-full overflow-auto bg-surface outline-none focus-visible:outline-2 focus-visible:outline-focus focus-visible:-outline-offset-2"
      onScroll={({ currentTarget: element }) => {
        const top = firstVisible(body.current, element.scrollTop + element.offsetTop);
        if (top !== undefined) tellLine(path, "preview", top);
      }}
    >
      {/** biome-ignore lint/a11y/noStaticElementInteractions: the links in it are elements of their own. */}
      <div
        ref={body}
        dir="auto"
        className="markdown mx-auto max-w-3xl px-6 py-4"
        onClick={(event) => openLink(event.target) && event.preventDefault()}
        onKeyDown={(event) => event.key === "Enter" && openLink(event.target)}
      />
    </section>
  );
}

function blocks(body: HTMLElement | null): HTMLElement[] {
  return [...(body?.querySelectorAll<HTMLElement>("[data-line]") ?? [])];
}

/** The last block that begins at or before the line. */
function blockAt(body: HTMLElement | null, line: number): HTMLElement | undefined {
  return blocks(body).findLast((block) => Number(block.dataset.line) <= line);
}

/** The line of the first block that stands at or below a height. */
function firstVisible(body: HTMLElement | null, top: number): number | undefined {
  const block = blocks(body).find((one) => one.offsetTop + one.offsetHeight > top);
  return block ? Number(block.dataset.line) : undefined;
}
