/** Who else watches a terminal. */
import { Eye } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import type { Viewer } from "./protocol";
import { useTerminals } from "./store";

/** How many are drawn; the rest is a number. */
const DRAWN_MAX = 3;

const NOBODY: readonly Viewer[] = [];

/** The first letters of the first two words. */
export function initials(name: string): string {
  const words = name.split(/\s+/).filter((word) => /\p{L}|\p{N}/u.test(word));
  const letters = words.slice(0, 2).map((word) => [...word.replace(/^[^\p{L}\p{N}]+/u, "")][0]);
  return letters.join("").toUpperCase() || "?";
}

/** The others, by their initials; nothing when nobody else is there. */
export function Presence({ terminal }: { terminal: string }) {
  const { t } = useTranslation("terminals");
  const people = useTerminals((state) => state.streams[terminal]?.people ?? NOBODY);
  const others = people.filter(({ you }) => !you);
  if (others.length === 0) return null;
  const nameOf = ({ name, read_only }: Viewer) => {
    const called = name ?? t("presence.unknown");
    return read_only ? t("presence.readOnly", { name: called }) : called;
  };
  const rest = others.length - DRAWN_MAX;
  const words = t("presence.also", { names: others.map(nameOf).join(", ") });
  return (
    <ul
      title={words}
      aria-label={words}
      className="ms-1.5 flex items-center -space-x-1 rtl:space-x-reverse"
    >
      {others.slice(0, DRAWN_MAX).map((viewer, index) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: the same person may be there twice.
          key={index}
          className={cn(
            "flex h-5 min-w-5 items-center justify-center gap-0.5 rounded-full border border-surface bg-selected px-1 text-[10px] text-accent-text",
            viewer.read_only && "bg-hover text-ink-2",
          )}
        >
          <span className="sr-only">{nameOf(viewer)}</span>
          <span aria-hidden>{initials(viewer.name ?? "?")}</span>
          {viewer.read_only ? <Eye className="size-2.5" aria-hidden /> : null}
        </li>
      ))}
      {rest > 0 ? <li className="ps-1.5 text-ink-3 text-xs">+{rest}</li> : null}
    </ul>
  );
}
