import { useState } from "react";
import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useNodeChoices, useNodeList } from "@/api/nodes";
import type { Node } from "@/api/types";
import { NodeState } from "@/components/node/node-state";
import { Field, Input } from "@/components/ui/field";
import { type JobForm, labelsOf } from "./job-form";

/** On which servers: chosen one by one, or by their labels. */
export function TargetFields({ organization }: { organization: string }) {
  const { t } = useTranslation("jobs");
  const form = useFormContext<JobForm>();
  const target = form.watch("target");
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 font-medium text-ink-2 text-xs">{t("field.target")}</legend>
      <div className="flex flex-wrap gap-4">
        {(["nodes", "labels"] as const).map((way) => (
          <label key={way} className="flex items-center gap-2">
            <input type="radio" value={way} {...form.register("target")} />
            {t(`field.by.${way}`)}
          </label>
        ))}
      </div>
      {target === "nodes" ? (
        <NodeChoice organization={organization} />
      ) : (
        <LabelChoice organization={organization} />
      )}
    </fieldset>
  );
}

function NodeChoice({ organization }: { organization: string }) {
  const { t } = useTranslation("jobs");
  const form = useFormContext<JobForm>();
  const [search, setSearch] = useState("");
  const choices = useNodeChoices(organization, search);
  const chosen = form.watch("nodes");
  const { error } = form.getFieldState("nodes", form.formState);
  form.register("nodes", {
    validate: (nodes, { target }) =>
      target !== "nodes" || nodes.length > 0 || t("field.nodesMissing"),
  });
  const toggle = (node: string, wanted: boolean) =>
    form.setValue("nodes", wanted ? [...chosen, node] : chosen.filter((id) => id !== node), {
      shouldValidate: form.formState.isSubmitted,
    });
  return (
    <div className="flex flex-col gap-2">
      <Input
        type="search"
        aria-label={t("field.searchServers")}
        placeholder={t("field.searchServers")}
        dir="auto"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      <ul
        aria-label={t("field.servers")}
        className="max-h-40 divide-y overflow-y-auto rounded-md border"
      >
        {(choices.data?.items ?? []).map((node) => (
          <li key={node.id}>
            <label className="flex items-center gap-2 px-2.5 py-1.5 hover:bg-hover">
              <input
                type="checkbox"
                checked={chosen.includes(node.id)}
                disabled={node.revoked}
                onChange={(event) => toggle(node.id, event.target.checked)}
              />
              <bdi className="min-w-0 flex-1 truncate">{node.name}</bdi>
              <NodeState node={node} />
            </label>
          </li>
        ))}
      </ul>
      {error ? (
        <p role="alert" className="text-bad text-xs">
          {error.message}
        </p>
      ) : (
        <p aria-live="polite" className="text-ink-3 text-xs">
          {t("field.chosen", { count: chosen.length })}
        </p>
      )}
    </div>
  );
}

function LabelChoice({ organization }: { organization: string }) {
  const { t } = useTranslation("jobs");
  const form = useFormContext<JobForm>();
  const labels = labelsOf(form.watch("labels"));
  const { error } = form.getFieldState("labels", form.formState);
  return (
    <Field
      label={t("field.labels")}
      error={error?.message}
      hint={<Matches organization={organization} labels={labels} />}
    >
      {(control) => (
        <textarea
          {...control}
          {...form.register("labels", {
            validate: (text, { target }) =>
              target !== "labels" ||
              Object.keys(labelsOf(text)).length > 0 ||
              t("field.labelsMissing"),
          })}
          dir="ltr"
          rows={2}
          spellCheck={false}
          placeholder={"region=eu\ngpu=yes"}
          className="w-full resize-y rounded-md border border-line-strong bg-surface px-2.5 py-1.5 font-mono text-ink text-sm placeholder:text-ink-3 aria-invalid:border-bad"
        />
      )}
    </Field>
  );
}

interface MatchesProps {
  organization: string;
  labels: Record<string, string>;
}

/** How many servers have all the labels now. The list narrows by one of them; the rest is done here. */
function Matches({ organization, labels }: MatchesProps) {
  const { t } = useTranslation("jobs");
  const [first] = Object.entries(labels);
  if (!first) return <>{t("field.labelsHint")}</>;
  const label = first[1] === "" ? first[0] : `${first[0]}=${first[1]}`;
  return <Count organization={organization} label={label} labels={labels} />;
}

function Count({ organization, label, labels }: MatchesProps & { label: string }) {
  const { t } = useTranslation("jobs");
  const list = useNodeList(organization, { label });
  const fits = (node: Node) =>
    !node.revoked && Object.entries(labels).every(([key, value]) => node.labels?.[key] === value);
  const count = list.nodes.filter(fits).length;
  return (
    <span aria-live="polite">
      {list.isPending
        ? "…"
        : t(list.hasNextPage ? "field.matchesMore" : "field.matches", { count })}
    </span>
  );
}
