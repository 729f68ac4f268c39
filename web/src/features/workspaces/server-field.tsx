import type { UseFormRegisterReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useNodeChoices } from "@/api/nodes";
import type { Node } from "@/api/types";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";

/** Why no workspace can be placed on a server now, as the key of its words. */
function placementBar(node: Node): "offline" | undefined {
  return node.state === "online" ? undefined : "offline";
}

interface ServerFieldProps {
  organization: string;
  field: UseFormRegisterReturn;
  error: string | undefined;
}

/** Where the workspace shall live; not asked where there is only one server. */
export function ServerField({ organization, field, error }: ServerFieldProps) {
  const { t } = useTranslation("workspaces");
  const { data } = useNodeChoices(organization);
  const nodes = data?.items ?? [];
  if (nodes.length < 2) return null;
  return (
    <Field label={t("field.server")} error={error} hint={t("field.serverHint")}>
      {(control) => (
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
      )}
    </Field>
  );
}
