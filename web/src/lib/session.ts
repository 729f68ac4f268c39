import { type QueryClient, queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { redirect } from "@tanstack/react-router";
import { create } from "zustand";
import { $api, api } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { Account, Membership, Role } from "@/api/types";
import { welcomePerson } from "./tab-person";

/** The signed-in account. */
export function accountView() {
  return queryOptions({ ...$api.queryOptions("get", "/api/v1/me"), staleTime: 60_000 });
}

/**
 * For `beforeLoad` of every page that needs a person: the account, or the way to the page that
 * makes one (set-up on a new server, else sign-in, which leads back to `href`). What the tab keeps of
 * another account is forgotten.
 */
export async function requireAccount(client: QueryClient, href: string): Promise<Account> {
  try {
    const account = await client.ensureQueryData(accountView());
    welcomePerson(account.id);
    return account;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
  }
  const { data: info } = await api.GET("/api/v1/info");
  if (info?.setup_required) throw redirect({ to: "/setup" });
  throw redirect({ to: "/sign-in", search: href === "/" ? {} : { next: href } });
}

/** The signed-in account, on pages that require one. */
export function useAccount(): Account {
  return useSuspenseQuery(accountView()).data;
}

const NO_MEMBERSHIP: Membership = {
  organization_id: "",
  organization_name: "",
  role: "viewer",
};

const CHOICE_KEY = "atelier.organization";

interface OrganizationChoice {
  /** The organization that was chosen last in this browser. */
  organization: string | null;
  choose: (organization: string) => void;
}

/** Which organization is shown to an account that belongs to several. */
export const useOrganizationChoice = create<OrganizationChoice>((set) => ({
  organization: localStorage.getItem(CHOICE_KEY),
  choose: (organization) => {
    localStorage.setItem(CHOICE_KEY, organization);
    set({ organization });
  },
}));

/** The membership that was chosen; the first where none was, or it has ended since. */
export function chosenMembership(account: Account, organization: string | null): Membership {
  const { memberships } = account;
  const chosen = memberships.find(({ organization_id }) => organization_id === organization);
  return chosen ?? memberships[0] ?? NO_MEMBERSHIP;
}

/** The organization that is shown, and the role in it, of the signed-in account. */
export function useMembership(): Membership {
  const chosen = useOrganizationChoice((state) => state.organization);
  return chosenMembership(useAccount(), chosen);
}

/** The role of the signed-in account in an organization, which need not be the one shown. */
export function useRoleIn(organization: string | undefined): Role {
  const { memberships } = useAccount();
  const membership = memberships.find(({ organization_id }) => organization_id === organization);
  return membership?.role ?? "viewer";
}

const RANK: Record<Role, number> = { viewer: 0, member: 1, admin: 2, owner: 3 };

/** Whether `role` may do what `needed` may; mirrors the server's order of roles. */
export function roleAtLeast(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}
