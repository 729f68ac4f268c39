/**
 * Three texts and what becomes of them: both sides above, the result below, where each conflict is decided or
 * written anew. On a phone one at a time. A lazy chunk.
 */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { cn } from "@/lib/cn";
import { useCommands, useShortcut } from "@/lib/commands";
import type { MergeViewProps } from "@/lib/merge-view";
import { useResolvedTheme } from "@/lib/theme";
import { useWide } from "@/lib/use-wide";
import { applyTheme } from "../monaco";
import { useEditorSettings } from "../settings/settings";
import type { Choice } from "./markers";
import { Merger, type MergerInput, type Pane } from "./merger";
import { PaneTabs } from "./pane-tabs";

const KEYS: Record<Choice, string> = {
  mine: "Mod+Alt+1",
  theirs: "Mod+Alt+2",
  mineFirst: "Mod+Alt+3",
  theirsFirst: "Mod+Alt+4",
};
const CHOICES = Object.keys(KEYS) as Choice[];

export function MergeView(props: MergeViewProps) {
  const { path, texts, start, unsaved = false, words } = props;
  const { t } = useTranslation("editor");
  const wide = useWide();
  const theme = useResolvedTheme();
  const [settings] = useEditorSettings();
  const [pane, setPane] = useState<Pane>("result");
  const [withBase, setWithBase] = useState(false);
  const [state, setState] = useState({ left: 0, broken: false });
  const boxes = useRef<MergerInput["boxes"]>({});
  const merger = useRef<Merger>(undefined);
  const latest = useRef({ props, result: t("merge.result") });
  latest.current = { props, result: t("merge.result") };
  useEffect(() => applyTheme(theme, settings.theme), [theme, settings.theme]);
  useEffect(() => {
    const { words } = latest.current.props;
    const made = new Merger({
      path,
      texts,
      start,
      unsaved,
      boxes: boxes.current,
      words: { ...words, result: latest.current.result },
      onState: ({ broken, ...told }) => {
        setState({ left: told.left, broken });
        latest.current.props.onState(told);
      },
    });
    merger.current = made;
    latest.current.props.resultRef(made);
    // A finger would get its keyboard with it.
    if (!matchMedia("(pointer: coarse)").matches) made.focus();
    return () => {
      latest.current.props.resultRef(undefined);
      merger.current = undefined;
      made.dispose();
    };
  }, [path, texts, start, unsaved]);

  const none = state.left === 0 ? t("merge.none") : undefined;
  const takes: Record<Choice, string> = {
    mine: words.takeMine,
    theirs: words.takeTheirs,
    mineFirst: words.takeMineFirst,
    theirsFirst: words.takeTheirsFirst,
  };
  const take = (choice: Choice) => {
    merger.current?.decide(choice);
    merger.current?.focus();
  };
  const restart = () => merger.current?.restart();
  useCommands("merge", [
    ...CHOICES.map((choice) => ({
      id: `merge.${choice}`,
      title: takes[choice],
      shortcut: KEYS[choice],
      disabledReason: none,
      run: () => take(choice),
    })),
    ...([1, -1] as const).map((by) => ({
      id: by === 1 ? "merge.next" : "merge.previous",
      title: t(by === 1 ? "merge.goNext" : "merge.goPrevious"),
      shortcut: by === 1 ? "F7" : "Shift+F7",
      disabledReason: none,
      run: () => merger.current?.step(by),
    })),
    {
      id: "merge.restart",
      title: t("merge.restart"),
      run: restart,
    },
  ]);

  const panes: Pane[] = texts.base === undefined ? ["mine", "theirs"] : ["mine", "base", "theirs"];
  const names: Record<Pane, string> = { ...words, result: t("merge.result") };
  const isShown = (one: Pane) => (wide ? one !== "base" || withBase : one === pane);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-wrap items-center gap-1.5 border-b bg-canvas px-3 py-2">
        <output className="me-auto text-sm">
          {state.broken
            ? t("merge.broken")
            : state.left === 0
              ? t("merge.none")
              : t("merge.left", { count: state.left })}
        </output>
        {([-1, 1] as const).map((by) => (
          <Button
            key={by}
            size="sm"
            variant="ghost"
            disabledReason={none}
            onClick={() => merger.current?.step(by)}
          >
            {t(by === 1 ? "merge.next" : "merge.previous")}
          </Button>
        ))}
        {CHOICES.map((choice) => (
          <Button key={choice} size="sm" disabledReason={none} onClick={() => take(choice)}>
            {takes[choice]}
            <Keys id={`merge.${choice}`} />
          </Button>
        ))}
        {wide && texts.base !== undefined ? (
          <Button
            size="sm"
            variant="ghost"
            aria-pressed={withBase}
            onClick={() => setWithBase(!withBase)}
          >
            {words.base}
          </Button>
        ) : null}
        <Button size="sm" variant="ghost" onClick={restart}>
          {t("merge.restart")}
        </Button>
      </div>
      {wide ? null : (
        <PaneTabs
          label={t("merge.panes")}
          panes={[...panes, "result"]}
          names={names}
          shown={pane}
          onShow={setPane}
        />
      )}
      <div
        className={cn(
          "grid h-[70dvh] min-h-0 flex-auto shrink md:grid-rows-[2fr_3fr]",
          panes.length === 3 && withBase ? "md:grid-cols-3" : "md:grid-cols-2",
        )}
      >
        {[...panes, "result" as const].map((one) => (
          <section
            key={one}
            aria-label={names[one]}
            className={cn(
              "flex min-h-0 min-w-0 flex-col",
              one === "result" ? "md:col-span-full" : "md:border-b md:not-first:border-s",
              !isShown(one) && "hidden",
            )}
          >
            <h3 className="hidden border-b bg-canvas px-3 py-1 font-medium text-ink-2 text-xs md:block">
              {names[one]}
            </h3>
            <div
              ref={(box) => {
                if (box) boxes.current[one] = box;
                else delete boxes.current[one];
              }}
              dir="ltr"
              className="min-h-0 flex-1"
            />
          </section>
        ))}
      </div>
    </div>
  );
}

/** The keys that do the same, where there is a keyboard. */
function Keys({ id }: { id: string }) {
  const keys = useShortcut(id);
  return keys === undefined ? null : (
    <span aria-hidden className="hidden lg:pointer-fine:inline">
      <Kbd shortcut={keys} />
    </span>
  );
}
