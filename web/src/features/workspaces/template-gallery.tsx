import { useQuery } from "@tanstack/react-query";
import { Atom, Box, Cog, FlaskConical, LayoutTemplate, Server } from "lucide-react";
import type { ComponentType } from "react";
import type { UseFormRegisterReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import type { Template } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { EMPTY_TEMPLATE } from "./create-form";

// What `template.toml` may name; others get the general icon.
const ICONS: Record<string, ComponentType<{ className: string }>> = {
  atom: Atom,
  box: Box,
  cog: Cog,
  flask: FlaskConical,
  python: FlaskConical,
  react: Atom,
  rust: Cog,
  node: Server,
  server: Server,
};

interface TemplateGalleryProps {
  /** The form's registration of the chosen template's name. */
  field: UseFormRegisterReturn;
  error: string | undefined;
}

/** All templates but the empty one, to choose one from. */
export function TemplateGallery({ field, error }: TemplateGalleryProps) {
  const { t } = useTranslation("workspaces");
  const templates = useQuery($api.queryOptions("get", "/api/v1/templates"));
  if (templates.isError) {
    return (
      <ErrorState
        error={templates.error}
        onRetry={() => templates.refetch()}
        retrying={templates.isFetching}
      />
    );
  }
  const items = templates.data?.items.filter(({ name }) => name !== EMPTY_TEMPLATE);
  return (
    <fieldset>
      <legend className="mb-1 font-medium text-ink-2 text-xs">{t("field.template")}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {items
          ? items.map((template) => (
              <TemplateOption key={template.name} template={template} field={field} />
            ))
          : Array.from({ length: 4 }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: placeholders without identity.
              <div key={index} className="skeleton h-[74px]" />
            ))}
      </div>
      {error ? (
        <p role="alert" className="mt-1 text-bad text-xs">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}

function TemplateOption({ template, field }: { template: Template; field: UseFormRegisterReturn }) {
  const { t } = useTranslation("workspaces");
  const Icon = ICONS[template.icon] ?? LayoutTemplate;
  const requires = template.requires ?? [];
  return (
    <label className="flex cursor-pointer gap-3 rounded-md border p-3 hover:border-line-strong has-focus-visible:outline-2 has-focus-visible:outline-focus has-checked:border-accent has-checked:bg-selected">
      <input type="radio" value={template.name} {...field} className="sr-only" />
      <Icon className="mt-0.5 size-4 shrink-0 text-ink-2" aria-hidden />
      <span className="min-w-0">
        <span className="block font-medium">{template.title}</span>
        <span className="block text-ink-2 text-xs">
          <bdi>{template.description}</bdi>
        </span>
        {requires.length > 0 ? (
          <span className="mt-0.5 block text-ink-3 text-xs">
            {t("template.requires")}{" "}
            <bdi dir="ltr" className="font-mono">
              {requires.join(", ")}
            </bdi>
          </span>
        ) : null}
      </span>
    </label>
  );
}
