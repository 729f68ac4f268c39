import { shortcutKeys } from "@/lib/keys";

/** A keyboard shortcut, in the names of this system's keys. */
export function Kbd({ shortcut }: { shortcut: string }) {
  return (
    <kbd aria-hidden dir="ltr" className="inline-flex gap-0.5 font-sans text-ink-3 text-xs">
      {shortcutKeys(shortcut).map((key) => (
        <span key={key} className="rounded-sm border border-line px-1 leading-4">
          {key}
        </span>
      ))}
    </kbd>
  );
}
