import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { type UseFormReturn, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { useWorkspaceList } from "@/api/workspaces";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { applyWorkspace } from "@/lib/event-sync";
import { setServerError } from "@/lib/form-errors";
import { freeName, repositoryName } from "@/lib/git-url";
import { useMembership } from "@/lib/session";
import {
  CREATE_DEFAULTS,
  type CreateValues,
  createRequest,
  createSchema,
  EMPTY_TEMPLATE,
  SERVER_FIELDS,
  SOURCE_KINDS,
} from "./create-form";
import { ServerField } from "./server-field";
import { TemplateGallery } from "./template-gallery";

type Form = UseFormReturn<CreateValues>;

function suggestedBase({ kind, template, url }: CreateValues): string {
  if (kind === "git") return repositoryName(url);
  return kind === "empty" ? EMPTY_TEMPLATE : template;
}

/** Makes a workspace from a template, a repository, or nothing. */
export function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("workspaces");
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const { organization_id: organization } = useMembership();
  const { workspaces } = useWorkspaceList(organization);
  const form = useForm({ resolver: zodResolver(createSchema(t)), defaultValues: CREATE_DEFAULTS });
  const { errors, dirtyFields } = form.formState;
  const create = $api.useMutation("post", "/api/v1/organizations/{organization}/workspaces", {
    onSuccess: (workspace) => {
      applyWorkspace(queryClient, workspace);
      onClose();
    },
    onError: (error: unknown) => setServerError(form, error, errorText, SERVER_FIELDS),
  });
  // Until the person has typed a name of their own, it follows what the workspace is made from.
  const suggestName = () => {
    if (dirtyFields.name) return;
    const taken = new Set(workspaces.map(({ name }) => name));
    form.setValue("name", freeName(suggestedBase(form.getValues()), taken));
    form.clearErrors("name");
  };
  const kind = form.watch("kind");
  const submit = form.handleSubmit((values) =>
    create.mutate({ params: { path: { organization } }, body: createRequest(values) }),
  );
  return (
    <Dialog open onOpenChange={onClose} title={t("create.title")} className="sm:max-w-xl">
      <form noValidate onSubmit={submit} className="flex min-h-0 flex-1 flex-col">
        <DialogBody className="flex flex-col gap-4">
          <SourceKindPicker form={form} onChange={suggestName} />
          {kind === "template" ? (
            <TemplateGallery
              field={form.register("template", { onChange: suggestName })}
              error={errors.template?.message}
            />
          ) : null}
          {kind === "git" ? <GitFields form={form} onChange={suggestName} /> : null}
          {kind === "empty" ? <p className="text-ink-2">{t("create.emptyDetail")}</p> : null}
          <Field label={t("field.name")} error={errors.name?.message} hint={t("field.nameHint")}>
            {(control) => (
              <Input {...control} {...form.register("name")} dir="auto" autoComplete="off" />
            )}
          </Field>
          <ServerField
            organization={organization}
            field={form.register("node")}
            error={errors.node?.message}
          />
          <Limits form={form} />
          <FormError message={errors.root?.message} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button type="submit" variant="primary" pending={create.isPending}>
            {t("create.action")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

function SourceKindPicker({ form, onChange }: { form: Form; onChange: () => void }) {
  const { t } = useTranslation("workspaces");
  return (
    <fieldset>
      <legend className="sr-only">{t("field.source")}</legend>
      <div className="grid grid-cols-3 overflow-hidden rounded-md border border-line-strong">
        {SOURCE_KINDS.map((kind) => (
          <label
            key={kind}
            className="flex h-8 cursor-pointer items-center justify-center border-line-strong text-center text-ink-2 not-first:border-s hover:bg-hover has-checked:bg-selected has-checked:font-medium has-checked:text-accent-text has-focus-visible:outline-2 has-focus-visible:outline-focus has-focus-visible:-outline-offset-2"
          >
            <input
              type="radio"
              value={kind}
              {...form.register("kind", { onChange })}
              className="sr-only"
            />
            {t(`create.${kind}`)}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function GitFields({ form, onChange }: { form: Form; onChange: () => void }) {
  const { t } = useTranslation("workspaces");
  const { errors } = form.formState;
  return (
    <>
      <Field label={t("field.url")} error={errors.url?.message} hint={t("field.urlHint")}>
        {(control) => (
          <Input
            {...control}
            {...form.register("url", { onChange })}
            type="url"
            dir="ltr"
            autoFocus
            spellCheck={false}
            placeholder="https://git.example.org/team/project.git"
            className="font-mono"
          />
        )}
      </Field>
      <Field
        label={t("field.reference")}
        error={errors.reference?.message}
        hint={t("field.referenceHint")}
      >
        {(control) => (
          <Input
            {...control}
            {...form.register("reference")}
            dir="ltr"
            spellCheck={false}
            className="font-mono"
          />
        )}
      </Field>
    </>
  );
}

function Limits({ form }: { form: Form }) {
  const { t } = useTranslation("workspaces");
  const { errors } = form.formState;
  const wrong = errors.memoryGib ?? errors.cpus ?? errors.processes;
  return (
    <details className="group" open={wrong ? true : undefined}>
      <summary className="flex cursor-pointer list-none items-center gap-1 font-medium text-ink-2 text-xs">
        <ChevronRight
          className="flip-rtl size-4 transition-transform group-open:rotate-90"
          aria-hidden
        />
        {t("create.advanced")}
      </summary>
      <p className="mt-2 text-ink-3 text-xs">{t("create.limitsDetail")}</p>
      <div className="mt-2 grid grid-cols-3 gap-2">
        {(["memoryGib", "cpus", "processes"] as const).map((name) => (
          <Field key={name} label={t(`field.${name}`)} error={errors[name]?.message}>
            {(control) => (
              <Input {...control} {...form.register(name)} inputMode="decimal" dir="ltr" />
            )}
          </Field>
        ))}
      </div>
    </details>
  );
}
