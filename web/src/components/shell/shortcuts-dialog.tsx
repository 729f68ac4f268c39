/** All commands with their keys: to be searched, read and changed. */
import { Keyboard, RotateCcw, Search, X } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useBindings } from "@/lib/bindings";
import {
  type Bindings,
  bySection,
  type Command,
  commandKeys,
  listCommands,
  type Section,
  useCommandStore,
} from "@/lib/commands";
import { shortcutKeys } from "@/lib/keys";
import { Button } from "../ui/button";
import { Dialog, DialogFooter } from "../ui/dialog";
import { IconButton } from "../ui/icon-button";
import { Kbd } from "../ui/kbd";
import { ShortcutRecorder } from "./shortcut-recorder";

/** Whether a command has all words of the search in its title, its heading or its keys. */
function isFound(
  command: Command,
  heading: string,
  bindings: Bindings,
  words: readonly string[],
): boolean {
  const keys = commandKeys(command, bindings).map((shortcut) => shortcutKeys(shortcut).join("+"));
  const text = [command.title, heading, ...(command.keywords ?? []), ...keys];
  const all = text.join(" ").toLocaleLowerCase();
  return words.every((word) => all.includes(word));
}

export function ShortcutsDialog() {
  const { t } = useTranslation("shortcuts");
  const { groups, setOverlay } = useCommandStore();
  const { bindings, reset } = useBindings();
  const [search, setSearch] = useState("");
  const [recording, setRecording] = useState<string>();
  const commands = useMemo(() => listCommands(groups), [groups]);
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const heading = (section: Section) => t(`section.${section}`, { ns: "common" });
  const found = commands.filter((command) =>
    isFound(command, heading(command.section), bindings, words),
  );
  const changed = Object.keys(bindings).length > 0;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && setOverlay(undefined)}
      title={t("title")}
      description={t("inTerminals")}
      className="sm:max-w-2xl"
    >
      <search className="flex items-center gap-2 border-b px-4">
        <Search className="size-4 shrink-0 text-ink-3" aria-hidden />
        <input
          type="search"
          aria-label={t("search")}
          placeholder={t("searchHint")}
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className="h-10 min-w-0 flex-1 bg-transparent outline-none placeholder:text-ink-3"
        />
      </search>
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the arrow keys must reach it.
        tabIndex={0}
        aria-label={t("list")}
        className="h-[60vh] overflow-y-auto px-4 focus-visible:-outline-offset-2"
      >
        {found.length === 0 ? <p className="py-4 text-ink-2">{t("none")}</p> : null}
        {bySection(found).map(([section, members]) => (
          <section key={section} aria-label={heading(section)}>
            <h3 className="sticky top-0 z-10 bg-raised pt-3 pb-1 text-ink-2 text-xs">
              {heading(section)}
            </h3>
            <ul>
              {members.map((command) => (
                <li key={command.id} className="border-b last:border-b-0">
                  <Row
                    command={command}
                    recording={recording === command.id}
                    onRecord={() => setRecording(command.id)}
                  />
                  {recording === command.id ? (
                    <ShortcutRecorder
                      command={command}
                      commands={commands}
                      onDone={() => setRecording(undefined)}
                    />
                  ) : null}
                </li>
              ))}
            </ul>
          </section>
        ))}
      </section>
      <DialogFooter>
        <Button disabledReason={changed ? undefined : t("nothingChanged")} onClick={() => reset()}>
          <RotateCcw aria-hidden />
          {t("resetAll")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

interface RowProps {
  command: Command;
  recording: boolean;
  onRecord: () => void;
}

function Row({ command, recording, onRecord }: RowProps) {
  const { t } = useTranslation("shortcuts");
  const { bindings, unbind, reset } = useBindings();
  const keys = commandKeys(command, bindings);
  const { title } = command;
  return (
    <div className="flex min-h-9 items-center gap-2">
      <span className="min-w-0 flex-1 py-1.5">{title}</span>
      <span className="flex flex-wrap justify-end gap-1.5">
        {keys.map((shortcut) => (
          <span key={shortcut}>
            <Kbd shortcut={shortcut} />
            <span className="sr-only">{shortcutKeys(shortcut).join(" ")}</span>
          </span>
        ))}
        {keys.length === 0 ? <span className="text-ink-3 text-xs">{t("noKeys")}</span> : null}
      </span>
      <IconButton label={t("change", { title })} aria-pressed={recording} onClick={onRecord}>
        <Keyboard />
      </IconButton>
      <IconButton
        label={t("remove", { title })}
        disabledReason={keys.length === 0 ? t("noKeys") : undefined}
        onClick={() => unbind(command)}
      >
        <X />
      </IconButton>
      <IconButton
        label={t("reset", { title })}
        disabledReason={bindings[command.id] ? undefined : t("notChanged")}
        onClick={() => reset(command)}
      >
        <RotateCcw />
      </IconButton>
    </div>
  );
}
