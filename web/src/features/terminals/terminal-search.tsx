/** Finds text in a terminal's screen and scrollback. */
import { ArrowDown, ArrowUp, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";

interface TerminalSearchProps {
  results: { index: number; count: number };
  onFind: (text: string, direction: "next" | "previous", incremental: boolean) => void;
  onClose: () => void;
}

export function TerminalSearch({ results, onFind, onClose }: TerminalSearchProps) {
  const { t } = useTranslation("workbench");
  const [text, setText] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <search className="absolute end-3 top-2 z-10 flex items-center gap-1 rounded-md border bg-raised p-1">
      <input
        ref={input}
        value={text}
        aria-label={t("terminal.find")}
        placeholder={t("terminal.find")}
        className="h-7 w-44 bg-transparent px-2 outline-none"
        onChange={(event) => {
          setText(event.target.value);
          onFind(event.target.value, "next", true);
        }}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose();
          if (event.key === "Enter") onFind(text, event.shiftKey ? "previous" : "next", false);
        }}
      />
      <output className="min-w-14 text-center text-ink-3 text-xs">
        {text === ""
          ? null
          : results.count === 0
            ? t("terminal.findNone")
            : t("terminal.findCount", { index: results.index + 1, count: results.count })}
      </output>
      <IconButton
        label={t("terminal.findPrevious")}
        onClick={() => onFind(text, "previous", false)}
      >
        <ArrowUp />
      </IconButton>
      <IconButton label={t("terminal.findNext")} onClick={() => onFind(text, "next", false)}>
        <ArrowDown />
      </IconButton>
      <IconButton label={t("terminal.findClose")} onClick={onClose}>
        <X />
      </IconButton>
    </search>
  );
}
