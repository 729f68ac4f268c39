import type { TFunction } from "i18next";
import * as z from "zod/mini";
import type { WorkspaceCreate } from "@/api/types";
import { nameSchema } from "./name-schema";

/** Where a new workspace comes from, as the dialog offers it. */
export const SOURCE_KINDS = ["template", "git", "empty"] as const;

type SourceKind = (typeof SOURCE_KINDS)[number];

/** The template that "empty" stands for. */
export const EMPTY_TEMPLATE = "empty";

const GIB = 1024 ** 3;

/** What the dialog's fields hold, as typed. */
export interface CreateValues {
  kind: SourceKind;
  template: string;
  url: string;
  reference: string;
  name: string;
  /** The server's id; empty leaves the choice to the control plane. */
  node: string;
  memoryGib: string;
  cpus: string;
  processes: string;
}

export const CREATE_DEFAULTS: CreateValues = {
  kind: "template",
  template: "",
  url: "",
  reference: "",
  name: "",
  node: "",
  memoryGib: "",
  cpus: "",
  processes: "",
};

/** The server's names of the fields, where they differ. */
export const SERVER_FIELDS = {
  node_id: "node",
  source: "url",
  "source.url": "url",
  "source.reference": "reference",
  "source.template": "template",
  "limits.memory_bytes": "memoryGib",
  "limits.cpu_millis": "cpus",
  "limits.processes": "processes",
} as const;

function positive(message: string) {
  return z.string().check(
    z.trim(),
    z.refine((text) => text === "" || Number(text) > 0, { error: message }),
  );
}

/** Checks what can be checked without the server. */
export function createSchema(t: TFunction<"workspaces">) {
  const number = positive(t("field.notPositive"));
  return z
    .object({
      kind: z.enum(SOURCE_KINDS),
      template: z.string(),
      url: z.string().check(z.trim()),
      reference: z.string().check(z.trim()),
      name: nameSchema(t),
      node: z.string(),
      memoryGib: number,
      cpus: number,
      processes: number,
    })
    .check(
      z.refine(({ kind, template }) => kind !== "template" || template !== "", {
        path: ["template"],
        error: t("field.templateMissing"),
      }),
      z.refine(({ kind, url }) => kind !== "git" || /^https?:\/\/[^/]+\/./i.test(url), {
        path: ["url"],
        error: t("field.urlForm"),
      }),
    );
}

/** The request for what was typed. */
export function createRequest(values: CreateValues): WorkspaceCreate {
  const { kind, url, reference, node } = values;
  const number = (text: string, factor: number) =>
    text === "" ? undefined : Math.round(Number(text) * factor);
  const limits = {
    memory_bytes: number(values.memoryGib, GIB),
    cpu_millis: number(values.cpus, 1000),
    processes: number(values.processes, 1),
  };
  return {
    name: values.name,
    source:
      kind === "git"
        ? { kind: "git", url, ...(reference ? { reference } : {}) }
        : { kind: "template", template: kind === "empty" ? EMPTY_TEMPLATE : values.template },
    ...(node === "" ? {} : { node_id: node }),
    limits: Object.fromEntries(
      Object.entries(limits).filter(([, value]) => value !== undefined),
    ) as WorkspaceCreate["limits"],
  };
}
