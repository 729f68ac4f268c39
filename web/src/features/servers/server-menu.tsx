import { Ellipsis, KeyRound, Pencil, RefreshCcw, Trash2, Unplug } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { useCommands } from "@/lib/commands";
import { roleAtLeast, useRoleIn } from "@/lib/session";
import { useServerActions } from "./actions";
import { AddDialog } from "./add-dialog";
import { EditDialog } from "./edit-dialog";
import { TypedConfirm } from "./typed-confirm";

type Asked = "edit" | "rejoin" | "revoke" | "remove";

interface ServerMenuProps {
  node: Node;
  onRemoved?: () => void;
}

/** Everything that can be done to a server, each with why it may not be possible. */
export function ServerMenu({ node, onRemoved }: ServerMenuProps) {
  const { t } = useTranslation("servers");
  const role = useRoleIn(node.organization_id);
  const actions = useServerActions(node, onRemoved);
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const forbidden = roleAtLeast(role, "admin") ? undefined : t("forbidden.role");
  const embedded = forbidden ?? (node.local ? t("forbidden.local") : undefined);
  const revoked = embedded ?? (node.revoked ? t("forbidden.revoked") : undefined);
  const drain = node.draining ? "undrain" : "drain";
  const toggleDraining = () => actions.setDraining(!node.draining);
  const command = (verb: Asked | typeof drain, disabledReason: string | undefined) => ({
    id: `server.${verb}.${node.id}`,
    title: `${t(`menu.${verb}`)}: ${node.name}`,
    disabledReason,
    run: verb === drain ? toggleDraining : () => setAsked(verb as Asked),
  });
  useCommands("servers", [
    command("edit", forbidden),
    command(drain, forbidden),
    command("rejoin", embedded),
    command("revoke", revoked),
    command("remove", embedded),
  ]);
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <IconButton label={t("menu.of", { name: node.name })}>
            <Ellipsis />
          </IconButton>
        </MenuTrigger>
        <MenuContent align="end" className="max-w-72">
          <MenuItem onSelect={() => setAsked("edit")} disabledReason={forbidden}>
            <Pencil aria-hidden />
            {t("menu.edit")}
          </MenuItem>
          <MenuItem onSelect={toggleDraining} disabledReason={forbidden}>
            <Unplug aria-hidden />
            {t(`menu.${drain}`)}
          </MenuItem>
          <MenuSeparator />
          <MenuItem onSelect={() => setAsked("rejoin")} disabledReason={embedded}>
            <RefreshCcw aria-hidden />
            {t("menu.rejoin")}
          </MenuItem>
          <MenuItem danger onSelect={() => setAsked("revoke")} disabledReason={revoked}>
            <KeyRound aria-hidden />
            {t("menu.revoke")}
          </MenuItem>
          <MenuItem danger onSelect={() => setAsked("remove")} disabledReason={embedded}>
            <Trash2 aria-hidden />
            {t("menu.remove")}
          </MenuItem>
        </MenuContent>
      </Menu>
      {asked === "edit" ? <EditDialog node={node} onClose={close} /> : null}
      {asked === "rejoin" ? <AddDialog rejoin={node} onClose={close} /> : null}
      {asked === "revoke" || asked === "remove" ? (
        <TypedConfirm
          title={t(`${asked}.title`, { name: node.name })}
          description={t(`${asked}.detail`)}
          name={node.name}
          action={t(`menu.${asked}`)}
          pending={actions[asked].isPending}
          error={actions[asked].error}
          onConfirm={() => actions[asked].run(close)}
          onClose={close}
        />
      ) : null}
    </>
  );
}
