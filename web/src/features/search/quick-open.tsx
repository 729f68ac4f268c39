/** Opens a file by a few letters of its path, recent ones first; `:12:3` goes to a line and column. */
import { useQuery } from "@tanstack/react-query";
import { FileSearch } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/error-state";
import { cn } from "@/lib/cn";
import { type Wanted, wantedOf } from "./go-to";
import { MarkedPath } from "./marked-path";
import { foundNames } from "./names-query";
import { recentFiles } from "./recent-files";

export interface QuickOpenProps {
  workspace: string;
  /** The file that the editor shows: `:12` alone goes to a line of it. */
  activePath: string | undefined;
  onOpen: (path: string, place: Pick<Wanted, "line" | "column">) => void;
  onClose: () => void;
}

export function QuickOpen({ workspace, activePath, onOpen, onClose }: QuickOpenProps) {
  const { t } = useTranslation("search");
  const [text, setText] = useState("");
  const [hidden, setHidden] = useState(false);
  const [chosen, setChosen] = useState(0);
  // Enter came before the files that fit what was typed: the first of them is meant, not one of those shown before.
  const [meant, setMeant] = useState(false);
  // As it was when the dialog came: choosing must not reorder the list.
  const [recent] = useState(() => recentFiles(workspace));
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();
  const { query, ...place } = wantedOf(text);
  const toLine = query === "" && place.line !== undefined && activePath !== undefined;
  // The file that is open already is not what somebody looks for first.
  const others = recent.filter((path) => path !== activePath);
  const names = useQuery({
    ...foundNames(workspace, query, others, hidden),
    enabled: !toLine,
  });
  const items = toLine ? [] : (names.data?.items ?? []);
  const at = Math.min(chosen, Math.max(0, items.length - 1));
  const outdated = !toLine && (names.isPending || names.isPlaceholderData);

  useEffect(() => {
    list.current?.querySelector(`[data-index="${at}"]`)?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const open = (path: string | undefined) => {
    if (path === undefined) return;
    onClose();
    onOpen(path, place);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the awaited answer has come.
  useEffect(() => {
    if (!meant || outdated) return;
    setMeant(false);
    open(items[at]?.path);
  }, [meant, outdated]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && outdated) setMeant(true);
    else if (event.key === "Enter") open(toLine ? activePath : items[at]?.path);
    else if (event.key === "ArrowDown") setChosen((at + 1) % Math.max(1, items.length));
    else if (event.key === "ArrowUp") setChosen((at || items.length) - 1);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog.Root open onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 animate-fade-in bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-2 top-2 z-50 mx-auto flex max-h-[calc(100dvh-16px)] max-w-2xl animate-rise-in flex-col overflow-hidden rounded-md border border-line bg-raised shadow-(--shadow-raised) sm:top-[10vh] sm:max-h-[70vh]"
        >
          <Dialog.Title className="sr-only">{t("quickOpen.title")}</Dialog.Title>
          <div className="flex items-center gap-2 border-b px-3">
            <FileSearch className="size-4 shrink-0 text-ink-3" aria-hidden />
            <input
              role="combobox"
              aria-label={t("quickOpen.title")}
              aria-expanded={items.length > 0}
              aria-controls={listId}
              aria-activedescendant={items[at] ? `${listId}-${at}` : undefined}
              placeholder={t("quickOpen.placeholder")}
              value={text}
              dir="auto"
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
              className="h-11 min-w-0 flex-1 bg-transparent text-base outline-none placeholder:text-ink-3"
              onChange={(event) => {
                setText(event.target.value);
                setChosen(0);
                setMeant(false);
              }}
              onKeyDown={onKeyDown}
            />
            <label className="flex shrink-0 items-center gap-1.5 text-ink-2 text-xs">
              <input
                type="checkbox"
                className="accent-accent"
                checked={hidden}
                onChange={(event) => setHidden(event.target.checked)}
              />
              {t("quickOpen.hidden")}
            </label>
          </div>
          <div ref={list} className="min-h-0 overflow-y-auto p-1">
            <div id={listId} role="listbox" aria-label={t("quickOpen.files")}>
              {items.map((item, index) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys.
                <div
                  key={item.path}
                  id={`${listId}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === at}
                  data-index={index}
                  className={cn(
                    "flex min-h-8 cursor-default items-center gap-2 rounded-sm px-2 pointer-coarse:min-h-11",
                    index === at && "bg-hover",
                  )}
                  onClick={() => open(item.path)}
                  onPointerMove={() => setChosen(index)}
                >
                  <MarkedPath path={item.path} positions={item.positions} />
                  {item.recent ? (
                    <span className="ms-auto shrink-0 text-ink-3 text-xs">
                      {t("quickOpen.recent")}
                    </span>
                  ) : null}
                </div>
              ))}
            </div>
            <State
              toLine={toLine ? place.line : undefined}
              error={names.error}
              empty={names.data !== undefined && items.length === 0}
              waiting={names.isPending && !toLine}
              onRetry={() => void names.refetch()}
            />
          </div>
          <Footer place={place} total={names.data?.total} files={names.data?.files} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What stands in place of files. */
function State(props: {
  toLine: number | undefined;
  error: unknown;
  empty: boolean;
  waiting: boolean;
  onRetry: () => void;
}) {
  const { t } = useTranslation("search");
  if (props.toLine !== undefined) {
    return <p className="p-3 text-ink-2">{t("quickOpen.toLine", { line: props.toLine })}</p>;
  }
  if (props.error) return <ErrorState error={props.error} onRetry={props.onRetry} />;
  if (props.waiting) return <p className="p-3 text-ink-3">{t("quickOpen.reading")}</p>;
  return props.empty ? <p className="p-3 text-ink-2">{t("quickOpen.nothing")}</p> : null;
}

function Footer(props: {
  place: Pick<Wanted, "line" | "column">;
  total: number | undefined;
  files: number | undefined;
}) {
  const { t } = useTranslation("search");
  const { line, column } = props.place;
  return (
    <p className="flex justify-between gap-4 border-t px-3 py-1.5 text-ink-3 text-xs">
      <span>
        {line === undefined
          ? t("quickOpen.hint")
          : t(column === undefined ? "quickOpen.atLine" : "quickOpen.atColumn", { line, column })}
      </span>
      {props.total === undefined ? null : (
        <span className="tabular-nums">
          {t("quickOpen.count", { count: props.total, files: props.files })}
        </span>
      )}
    </p>
  );
}
