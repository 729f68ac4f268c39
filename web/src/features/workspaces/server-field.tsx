import { useState } from "react";
import type { UseFormRegisterReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useNodeChoices } from "@/api/nodes";
import type { Node } from "@/api/types";
import { Field, Input } from "@/components/ui/field";
import { Select } from "@/components/ui/select";

/** Why no workspace can be placed on a server now, as the key of its words. */
function placementBar(node: Node): "offline" | "draining" | "policy" | undefined {
  if (node.state === "offline" || node.revoked) return "offline";
  if (node.info?.policy?.workspaces === false) return "policy";
  return node.draining ? "draining" : undefined;
}

interface ServerFieldProps {
  organization: string;
  field: UseFormRegisterReturn;
  error: string | undefined;
}

/** Where the workspace shall live; not asked where there is only one server. */
export function ServerField({ organization, field, error }: ServerFieldProps) {
  const { t } = useTranslation("workspaces");
  const all = useNodeChoices(organization);
  const [search, setSearch] = useState("");
  const found = useNodeChoices(organization, search.trim());
  const nodes = found.data?.items ?? [];
  if ((all.data?.items.length ?? 0) < 2) return null;
  return (
    <Field label={t("field.server")} error={error} hint={t("field.serverHint")}>
      {(control) => (
        <>
          {all.data?.next_cursor ? (
            // More than a list shows: the list is of those that are searched for.
            <Input
              type="search"
              aria-label={t("field.serverSearch")}
              placeholder={t("field.serverSearch")}
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          ) : null}
          <Select {...control} {...field} className="w-full">
            <option value="">{t("field.serverAny")}</option>
            {nodes.map((node) => {
              const bar = placementBar(node);
              return (
                <option key={node.id} value={node.id} disabled={bar !== undefined}>
                  {bar ? t(`field.serverBar.${bar}`, { name: node.name }) : node.name}
                </option>
              );
            })}
          </Select>
        </>
      )}
    </Field>
  );
}
