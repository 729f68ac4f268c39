import { useNavigate } from "@tanstack/react-router";
import { ChevronsUpDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/lib/commands";
import { useAccount, useMembership, useOrganizationChoice } from "@/lib/session";
import {
  Menu,
  MenuContent,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuTrigger,
} from "../ui/menu";
import { PLACES } from "./places";

/** Leads from a page of one thing to the list of such things: the other organization has its own. */
function useSwitch(): (organization: string) => void {
  const navigate = useNavigate();
  const choose = useOrganizationChoice((state) => state.choose);
  return (organization) => {
    choose(organization);
    const { pathname } = window.location;
    const place = PLACES.find(({ to }) => to !== "/" && pathname.startsWith(to));
    void navigate({ to: place?.to ?? "/", search: {} });
  };
}

/** The organization that is shown; a menu where the person belongs to several. */
export function OrganizationSwitcher() {
  const { t } = useTranslation();
  const { memberships } = useAccount();
  const { organization_id, organization_name } = useMembership();
  const switchTo = useSwitch();
  const several = memberships.length > 1;
  useCommands(
    "go",
    several
      ? memberships
          .filter((membership) => membership.organization_id !== organization_id)
          .map((membership) => ({
            id: `organization.${membership.organization_id}`,
            title: t("organization.switchTo", { name: membership.organization_name }),
            run: () => switchTo(membership.organization_id),
          }))
      : [],
  );
  if (!several) {
    return <span className="hidden truncate text-ink-3 sm:inline">{organization_name}</span>;
  }
  return (
    <Menu>
      <MenuTrigger
        aria-label={t("organization.switch", { name: organization_name })}
        className="-ms-1.5 flex h-7 min-w-0 items-center gap-1 rounded-md px-1.5 text-ink-2 hover:bg-hover hover:text-ink"
      >
        <bdi className="truncate">{organization_name}</bdi>
        <ChevronsUpDown className="size-3.5 shrink-0 text-ink-3" aria-hidden />
      </MenuTrigger>
      <MenuContent align="start" className="max-w-72">
        <MenuLabel>{t("organization.label")}</MenuLabel>
        <MenuRadioGroup value={organization_id} onValueChange={switchTo}>
          {memberships.map((membership) => (
            <MenuRadioItem key={membership.organization_id} value={membership.organization_id}>
              <span className="flex min-w-0 flex-col py-1">
                <bdi className="truncate">{membership.organization_name}</bdi>
                <span className="text-ink-3 text-xs">{t(`role.${membership.role}`)}</span>
              </span>
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  );
}
