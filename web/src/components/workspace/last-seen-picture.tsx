import { Image } from "lucide-react";
import { cn } from "@/lib/cn";
import { PARTS, type Picture } from "@/lib/last-seen";

/**
 * A small picture of what was to be seen last, drawn from its text. It is not to be read, so screen
 * readers pass it; when it was taken stands beside it.
 */
export function LastSeenPicture({ picture }: { picture: Picture | undefined }) {
  return (
    <span
      aria-hidden
      dir="ltr"
      className="flex h-16 w-28 shrink-0 flex-col overflow-hidden rounded-sm border bg-surface"
    >
      {picture ? (
        PARTS.map((part) => {
          const lines = picture[part];
          return lines ? (
            <span
              key={part}
              className={cn(
                "min-h-0 flex-1 overflow-hidden whitespace-pre px-1 font-mono text-[3.5px] text-ink-2 leading-[4.5px]",
                part === "terminal" && "border-t bg-canvas",
              )}
            >
              {lines.join("\n")}
            </span>
          ) : null;
        })
      ) : (
        <span className="flex flex-1 items-center justify-center text-ink-3">
          <Image className="size-5" strokeWidth={1.25} />
        </span>
      )}
    </span>
  );
}
