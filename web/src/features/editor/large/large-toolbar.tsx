/** Above a file that is read in windows: its size, going to a place, searching, following. */
import { ArrowDownToLine, Download, Search, Square } from "lucide-react";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { contentUrl } from "@/api/agent";
import { Button, buttonClass } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { formatBytes } from "../bytes-text";
import { parsePlace } from "./place";

interface LargeToolbarProps {
  workspace: string;
  path: string;
  size: number;
  /** Lines as far as they are counted; nothing for bytes. */
  lines?: { count: number; exact: boolean };
  follow: boolean;
  onFollow: (follow: boolean) => void;
  onOffset: (offset: number) => void;
  /** Goes to a line as soon as it is counted; false: there is no such line. */
  onLine?: (line: number) => boolean;
  /** False: it was not found. */
  onFind: (text: string, ignoreCase: boolean, signal: AbortSignal) => Promise<boolean>;
  /** The other way to look at the file. */
  other?: { label: string; onSelect: () => void };
}

const FIELD =
  "h-7 min-w-0 rounded-md border border-line-strong bg-surface px-2 text-sm placeholder:text-ink-3";

export function LargeToolbar(props: LargeToolbarProps) {
  const { t } = useTranslation("editor");
  const { size, lines, follow } = props;
  const [place, setPlace] = useState("");
  const [text, setText] = useState("");
  const [ignoreCase, setIgnoreCase] = useState(true);
  const [said, setSaid] = useState<string>();
  const searching = useRef<AbortController>(undefined);
  const [pending, setPending] = useState(false);

  const goTo = (event: FormEvent) => {
    event.preventDefault();
    setSaid(undefined);
    const wanted = parsePlace(place, size, lines !== undefined);
    if (!wanted) setSaid(t("large.noPlace"));
    else if (wanted.kind === "offset") props.onOffset(wanted.offset);
    else if (props.onLine?.(wanted.line) === false) setSaid(t("large.noLine"));
  };
  const find = async (event: FormEvent) => {
    event.preventDefault();
    searching.current?.abort();
    if (text === "") return;
    const search = new AbortController();
    searching.current = search;
    setSaid(undefined);
    setPending(true);
    try {
      const found = await props.onFind(text, ignoreCase, search.signal);
      if (!found && !search.signal.aborted) setSaid(t("large.notFound"));
    } catch {
      if (!search.signal.aborted) setSaid(t("large.searchFailed"));
    }
    if (searching.current === search) setPending(false);
  };

  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-b px-3 py-1.5 text-ink-2">
      <span>
        {formatBytes(size)}
        {lines
          ? ` · ${t(lines.exact ? "large.lines" : "large.linesAtLeast", { count: lines.count })}`
          : ""}
      </span>
      <span className="text-ink-3">{t("large.readOnly")}</span>
      <form onSubmit={goTo} className="flex gap-1">
        <input
          aria-label={t(lines ? "large.goToLine" : "large.goToOffset")}
          placeholder={t(lines ? "large.linePlaceholder" : "large.offsetPlaceholder")}
          value={place}
          onChange={({ target }) => setPlace(target.value)}
          className={`${FIELD} w-32`}
        />
        <Button size="sm" type="submit">
          {t("large.go")}
        </Button>
      </form>
      <form onSubmit={(event) => void find(event)} className="flex items-center gap-1">
        <input
          aria-label={t("large.find")}
          placeholder={t("large.find")}
          value={text}
          onChange={({ target }) => setText(target.value)}
          className={`${FIELD} w-40`}
        />
        <IconButton
          type="button"
          label={t("large.matchCase")}
          aria-pressed={!ignoreCase}
          onClick={() => setIgnoreCase(!ignoreCase)}
        >
          <span className="text-xs">Aa</span>
        </IconButton>
        {pending ? (
          <IconButton
            type="button"
            label={t("large.stop")}
            onClick={() => {
              searching.current?.abort();
              setPending(false);
            }}
          >
            <Square />
          </IconButton>
        ) : (
          <IconButton type="submit" label={t("large.findNext")}>
            <Search />
          </IconButton>
        )}
      </form>
      <IconButton
        label={t("large.follow")}
        aria-pressed={follow}
        onClick={() => props.onFollow(!follow)}
      >
        <ArrowDownToLine />
      </IconButton>
      {props.other ? (
        <Button size="sm" onClick={props.other.onSelect}>
          {props.other.label}
        </Button>
      ) : null}
      <a
        href={contentUrl(props.workspace, props.path, true)}
        download
        aria-label={t("large.download")}
        title={t("large.download")}
        className={buttonClass({ variant: "ghost", size: "icon-sm" })}
      >
        <Download aria-hidden />
      </a>
      <output className="text-warn">{said}</output>
    </div>
  );
}
