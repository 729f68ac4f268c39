/** What is needed less often than the rest of the panel. */
import { Ellipsis } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import type { GitSession } from "./session";

const KINDS = ["branches", "stashes", "remotes", "worktrees", "submodules", "identity"] as const;

const TITLES = {
  branches: "branches.title",
  stashes: "stash.title",
  remotes: "remotes.title",
  worktrees: "worktrees.title",
  submodules: "submodules.title",
  identity: "identity.title",
} as const;

interface MoreMenuProps {
  session: GitSession;
  disabledReason: string | undefined;
}

export function MoreMenu({ session, disabledReason }: MoreMenuProps) {
  const { t } = useTranslation("git");
  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton label={t("more")}>
          <Ellipsis />
        </IconButton>
      </MenuTrigger>
      <MenuContent align="end">
        {KINDS.map((kind) => (
          <MenuItem
            key={kind}
            disabledReason={disabledReason}
            onSelect={() => session.setState({ view: { kind } })}
          >
            {t(TITLES[kind])}
          </MenuItem>
        ))}
        <MenuItem onSelect={() => session.setState({ view: { kind: "ssh" } })}>
          {t("ssh.title")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
