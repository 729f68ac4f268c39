/** Colours and pictures that tell terminals from each other; kept with the terminal, for everybody. */
import {
  Bug,
  Database,
  FlaskConical,
  GitBranch,
  Globe,
  Hammer,
  type LucideIcon,
  Rocket,
  ScrollText,
  Server,
  SquareTerminal,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { cn } from "@/lib/cn";
import type { Terminal } from "./queries";

const ICONS = {
  terminal: SquareTerminal,
  server: Server,
  database: Database,
  bug: Bug,
  flask: FlaskConical,
  hammer: Hammer,
  rocket: Rocket,
  globe: Globe,
  branch: GitBranch,
  scroll: ScrollText,
} as const satisfies Record<string, LucideIcon>;

/** Each with its look in both themes (tokens.css). */
const COLORS = {
  plain: "",
  red: "text-terminal-red",
  orange: "text-terminal-orange",
  yellow: "text-terminal-yellow",
  green: "text-terminal-green",
  blue: "text-terminal-blue",
  violet: "text-terminal-violet",
  pink: "text-terminal-pink",
} as const;

export type IconName = keyof typeof ICONS;
export type ColorName = keyof typeof COLORS;

export function iconOf(terminal: Terminal): LucideIcon {
  return ICONS[terminal.icon as IconName] ?? SquareTerminal;
}

export function colorOf(terminal: Terminal): string {
  return COLORS[terminal.color as ColorName] ?? "";
}

interface AppearanceDialogProps {
  terminal: Terminal;
  onChange: (change: { color?: ColorName; icon?: IconName }) => void;
  onClose: () => void;
}

/** Chooses both. What is chosen is seen at once. */
export function AppearanceDialog({ terminal, onChange, onClose }: AppearanceDialogProps) {
  const { t } = useTranslation("terminals");
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("appearance.title", { name: terminal.name })}
      description={t("appearance.description")}
    >
      <DialogBody className="flex flex-col gap-4">
        <fieldset>
          <legend className="mb-1.5 font-medium text-ink-2 text-xs">{t("appearance.color")}</legend>
          <div className="flex flex-wrap gap-1">
            {(Object.keys(COLORS) as ColorName[]).map((color) => (
              <Choice
                key={color}
                group="color"
                label={t(`color.${color}`)}
                chosen={terminal.color === color}
                onChoose={() => onChange({ color })}
              >
                <span
                  className={cn(
                    "size-4 rounded-full border border-line-strong bg-current",
                    color === "plain" ? "text-surface" : COLORS[color],
                  )}
                />
              </Choice>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend className="mb-1.5 font-medium text-ink-2 text-xs">{t("appearance.icon")}</legend>
          <div className="flex flex-wrap gap-1">
            {(Object.keys(ICONS) as IconName[]).map((icon) => {
              const Icon = ICONS[icon];
              return (
                <Choice
                  key={icon}
                  group="icon"
                  label={t(`icon.${icon}`)}
                  chosen={terminal.icon === icon}
                  onChoose={() => onChange({ icon })}
                >
                  <Icon className={cn("size-4", colorOf(terminal))} aria-hidden />
                </Choice>
              );
            })}
          </div>
        </fieldset>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onClick={onClose}>
          {t("appearance.done")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}

interface ChoiceProps {
  group: string;
  label: string;
  chosen: boolean;
  onChoose: () => void;
  children: React.ReactNode;
}

function Choice({ group, label, chosen, onChoose, children }: ChoiceProps) {
  return (
    <label
      title={label}
      className={cn(
        "flex size-10 cursor-pointer items-center justify-center rounded-md border hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-accent",
        chosen && "border-accent bg-selected",
      )}
    >
      <input
        type="radio"
        name={`terminal-${group}`}
        aria-label={label}
        checked={chosen}
        onChange={onChoose}
        className="sr-only"
      />
      {children}
    </label>
  );
}
