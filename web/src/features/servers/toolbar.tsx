import { Search, Tag, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import { FILTER_STATES, type ServersSearch } from "./search";

interface ToolbarProps {
  search: ServersSearch;
  edit: (change: Partial<ServersSearch>) => void;
}

/** Typing pauses this long before the control plane is asked. */
const PAUSE_MS = 200;

/** Narrows the list; everything stands in the address. */
export function Toolbar({ search, edit }: ToolbarProps) {
  const { t } = useTranslation("servers");
  return (
    <search className="mb-3 flex flex-wrap items-center gap-2">
      <div className="relative min-w-40 flex-1 sm:max-w-72">
        <Search className="absolute start-2.5 top-2 size-4 text-ink-3" aria-hidden />
        <Typed
          label={t("filter.name")}
          value={search.q}
          onValue={(q) => edit({ q })}
          className="ps-8"
        />
      </div>
      <div className="relative w-44 min-w-36 max-sm:flex-1">
        <Tag className="absolute start-2.5 top-2 size-4 text-ink-3" aria-hidden />
        <Typed
          label={t("filter.label")}
          value={search.label}
          onValue={(label) => edit({ label })}
          className="ps-8 pe-8"
        />
        {search.label ? (
          <span className="absolute end-0.5 top-0.5">
            <IconButton label={t("filter.clearLabel")} onClick={() => edit({ label: undefined })}>
              <X />
            </IconButton>
          </span>
        ) : null}
      </div>
      <Select
        aria-label={t("filter.state")}
        value={search.state ?? ""}
        onChange={(event) =>
          edit({ state: FILTER_STATES.find((state) => state === event.target.value) })
        }
      >
        <option value="">{t("filter.allStates")}</option>
        {FILTER_STATES.map((state) => (
          <option key={state} value={state}>
            {t(`filter.${state}`)}
          </option>
        ))}
      </Select>
    </search>
  );
}

interface TypedProps {
  label: string;
  value: string | undefined;
  onValue: (value: string | undefined) => void;
  className: string;
}

/** A field that tells what was typed after a pause, and follows when the value changes elsewhere. */
function Typed({ label, value, onValue, className }: TypedProps) {
  const [text, setText] = useState(value ?? "");
  const [seen, setSeen] = useState(value);
  const [sent, setSent] = useState(value);
  if (seen !== value) {
    setSeen(value);
    // What we have sent comes back later than the next letters are typed.
    if (value !== sent) {
      setSent(value);
      setText(value ?? "");
    }
  }
  useEffect(() => {
    const next = text.trim() === "" ? undefined : text.trim();
    if (next === sent) return;
    const timer = setTimeout(() => {
      setSent(next);
      onValue(next);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, sent, onValue]);
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={label}
      value={text}
      dir="auto"
      onChange={(event) => setText(event.target.value)}
      className={className}
    />
  );
}
