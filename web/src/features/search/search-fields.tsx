/** What is looked for: the query with its switches, what it becomes, and where to look. */
import {
  CaseSensitive,
  ChevronDown,
  ChevronRight,
  Ellipsis,
  Regex,
  ReplaceAll,
  WholeWord,
} from "lucide-react";
import type { KeyboardEvent, ReactNode, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { Field, Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { cn } from "@/lib/cn";
import { step, useSearchHistory } from "./history";
import type { SearchFields as Fields, SearchSession } from "./session";

interface SearchFieldsProps {
  session: SearchSession;
  fields: Fields;
  /** Gets the focus when the panel does. */
  queryRef: RefObject<HTMLInputElement | null>;
  /** What the server says is wrong with the query. */
  invalid: string | undefined;
  /** Why nothing can be replaced now. */
  replaceRefusal: string | undefined;
  onReplaceAll: () => void;
  /** Goes to the first result. */
  onEnterResults: () => void;
}

export function SearchFields(props: SearchFieldsProps) {
  const { session, fields } = props;
  const { t } = useTranslation("search");
  const { queries, add } = useSearchHistory();
  const set = session.set.bind(session);

  const keep = () => add(fields.query);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
    if (event.key === "Enter") {
      keep();
      void session.run();
    } else if (event.altKey && vertical) {
      set({ query: step(queries, fields.query, event.key === "ArrowUp") });
    } else if (event.key === "ArrowDown") {
      props.onEnterResults();
    } else return;
    event.preventDefault();
  };
  return (
    <div className="flex flex-col gap-1.5 border-b p-2">
      <div className="flex items-start gap-1">
        <IconButton
          label={t(fields.replacing ? "replace.hide" : "replace.show")}
          aria-expanded={fields.replacing}
          onClick={() => set({ replacing: !fields.replacing })}
        >
          {fields.replacing ? <ChevronDown /> : <ChevronRight className="rtl:rotate-180" />}
        </IconButton>
        <div className="flex min-w-0 flex-1 flex-col gap-1.5">
          <Boxed
            invalid={props.invalid}
            switches={
              <>
                <Switch
                  label={t("field.case")}
                  on={fields.caseSensitive}
                  onChange={(caseSensitive) => set({ caseSensitive })}
                >
                  <CaseSensitive />
                </Switch>
                <Switch label={t("field.word")} on={fields.word} onChange={(word) => set({ word })}>
                  <WholeWord />
                </Switch>
                <Switch
                  label={t("field.regex")}
                  on={fields.regex}
                  onChange={(regex) => set({ regex })}
                >
                  <Regex />
                </Switch>
              </>
            }
          >
            <input
              ref={props.queryRef}
              data-panel-focus=""
              value={fields.query}
              dir="auto"
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
              aria-label={t("field.query")}
              aria-invalid={props.invalid !== undefined}
              aria-describedby={props.invalid ? "search-invalid" : undefined}
              placeholder={t("field.query")}
              title={t("field.queryHint")}
              className="h-7 min-w-0 flex-1 bg-transparent ps-2 font-mono text-sm outline-none placeholder:font-sans placeholder:text-ink-3"
              onChange={(event) => set({ query: event.target.value })}
              onBlur={keep}
              onKeyDown={onKeyDown}
            />
          </Boxed>
          {props.invalid ? (
            <p id="search-invalid" role="alert" className="text-bad text-xs">
              <bdi>{props.invalid}</bdi>
            </p>
          ) : null}
          {fields.replacing ? (
            <Boxed
              switches={
                <IconButton
                  label={t("replace.all")}
                  disabledReason={props.replaceRefusal}
                  onClick={props.onReplaceAll}
                >
                  <ReplaceAll />
                </IconButton>
              }
            >
              <input
                value={fields.replacement}
                dir="auto"
                spellCheck={false}
                autoCapitalize="off"
                autoComplete="off"
                aria-label={t("field.replacement")}
                placeholder={t("field.replacement")}
                title={t(fields.regex ? "field.replacementGroups" : "field.replacement")}
                className="h-7 min-w-0 flex-1 bg-transparent ps-2 font-mono text-sm outline-none placeholder:font-sans placeholder:text-ink-3"
                onChange={(event) => set({ replacement: event.target.value })}
                onKeyDown={onKeyDown}
              />
            </Boxed>
          ) : null}
        </div>
        <IconButton
          label={t(fields.details ? "field.hideDetails" : "field.showDetails")}
          aria-expanded={fields.details}
          onClick={() => set({ details: !fields.details })}
        >
          <Ellipsis />
        </IconButton>
      </div>
      {fields.details ? <Details fields={fields} set={set} /> : null}
    </div>
  );
}

/** A field with buttons at its end, framed as one. */
function Boxed({
  invalid,
  switches,
  children,
}: {
  invalid?: string | undefined;
  switches: ReactNode;
  children: ReactNode;
}) {
  return (
    <div
      className={cn(
        "flex items-center gap-0.5 rounded-md border border-line-strong bg-surface pe-0.5 focus-within:outline-2 focus-within:outline-focus",
        invalid && "border-bad",
      )}
    >
      {children}
      {switches}
    </div>
  );
}

function Switch(props: {
  label: string;
  on: boolean;
  onChange: (on: boolean) => void;
  children: ReactNode;
}) {
  return (
    <IconButton
      label={props.label}
      aria-pressed={props.on}
      className={cn(props.on && "bg-selected text-accent-text")}
      onClick={() => props.onChange(!props.on)}
    >
      {props.children}
    </IconButton>
  );
}

/** Which files count. */
function Details({ fields, set }: { fields: Fields; set: (change: Partial<Fields>) => void }) {
  const { t } = useTranslation("search");
  const texts = [
    ["path", "web/src"],
    ["include", "*.ts, src/**"],
    ["exclude", "dist, *.min.js"],
  ] as const;
  return (
    <div className="flex flex-col gap-2 ps-8 pb-1">
      {texts.map(([field, example]) => (
        <Field key={field} label={t(`field.${field}`)}>
          {(control) => (
            <Input
              {...control}
              dir="ltr"
              value={fields[field]}
              placeholder={example}
              spellCheck={false}
              autoCapitalize="off"
              autoComplete="off"
              className="h-7 font-mono"
              onChange={(event) => set({ [field]: event.target.value })}
            />
          )}
        </Field>
      ))}
      {(["hidden", "ignored"] as const).map((field) => (
        <label key={field} className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            className="accent-accent"
            checked={fields[field]}
            onChange={(event) => set({ [field]: event.target.checked })}
          />
          {t(`field.${field}`)}
        </label>
      ))}
    </div>
  );
}
