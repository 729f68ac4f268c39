import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { roleAtLeast, useRoleIn } from "@/lib/session";

/** What of the machine itself is asked for; its owner permits each apart. */
type Part = "terminal" | "exec" | "files";

interface PartProps {
  node: Node;
  children: ReactNode;
}

/** Why a part of the machine cannot be used; `offline` may pass by itself. */
export function useRefusal(node: Node, part: Part): { text: string; passes: boolean } | undefined {
  const { t } = useTranslation("servers");
  const role = useRoleIn(node.organization_id);
  const policy = node.info?.policy;
  const permitted = part === "files" ? policy?.files.permitted : policy?.[part];
  if (!roleAtLeast(role, "admin")) return { text: t(`forbidden.role_${part}`), passes: false };
  if (permitted === false) return { text: t(`forbidden.policy_${part}`), passes: false };
  if (node.state === "offline") return { text: t(`forbidden.offline_${part}`), passes: true };
  return undefined;
}

/** As whom the machine's parts are used. */
function AsWhom({ node, part }: { node: Node; part: "terminal" | "files" }) {
  const { t } = useTranslation("servers");
  const whom = node.info?.policy?.privileged ? "asRoot" : "asUser";
  return <p className="pb-2 text-ink-3 text-xs">{t(`machine.${part}.${whom}`)}</p>;
}

/** The machine's terminals, or why there are none. */
export function MachineTerminals({ node, children }: PartProps) {
  const refusal = useRefusal(node, "terminal");
  if (refusal) return <p className="text-ink-2">{refusal.text}</p>;
  return (
    <div className="flex min-h-64 flex-1 flex-col">
      <AsWhom node={node} part="terminal" />
      <div className="min-h-0 flex-1 overflow-hidden rounded-md border">{children}</div>
    </div>
  );
}

/** The machine's files, or why there are none. What is edited outlives a line that breaks. */
export function MachineFiles({ node, children }: PartProps) {
  const refusal = useRefusal(node, "files");
  const [entered, setEntered] = useState(false);
  if (!refusal && !entered) setEntered(true);
  if (refusal && !(entered && refusal.passes)) return <p className="text-ink-2">{refusal.text}</p>;
  return (
    <div className="flex min-h-96 flex-1 flex-col">
      <AsWhom node={node} part="files" />
      <div className="min-h-0 flex-1 overflow-hidden rounded-md border">{children}</div>
    </div>
  );
}
