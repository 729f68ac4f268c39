import type { TFunction } from "i18next";
import * as z from "zod/mini";
import { WORKSPACE_NAME_MAX } from "@/lib/limits";

/** A workspace's name, as the server takes it (`WorkspaceCreate.name`). */
export function nameSchema(t: TFunction<"workspaces">) {
  return z.string().check(
    z.trim(),
    z.minLength(1, t("name.missing")),
    z.refine((name) => [...name].length <= WORKSPACE_NAME_MAX, {
      error: t("name.long", { count: WORKSPACE_NAME_MAX }),
    }),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a name may not hold.
    z.refine((name) => !/[/\u0000-\u001f\u007f]/.test(name) && name !== "." && name !== "..", {
      error: t("name.characters"),
    }),
  );
}
