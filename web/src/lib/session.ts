import { type QueryClient, queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { redirect } from "@tanstack/react-router";
import { $api, api } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { Account, Membership, Role } from "@/api/types";

/** The signed-in account. */
export function accountView() {
  return queryOptions({ ...$api.queryOptions("get", "/api/v1/me"), staleTime: 60_000 });
}

/**
 * For `beforeLoad` of every page that needs a person: the account, or the way to the page that
 * makes one (set-up on a new server, else sign-in, which leads back to `href`).
 */
export async function requireAccount(client: QueryClient, href: string): Promise<Account> {
  try {
    return await client.ensureQueryData(accountView());
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

function membershipOf(account: Account): Membership {
  return account.memberships[0] ?? NO_MEMBERSHIP;
}

/** The organization that is shown, and the role in it, of the signed-in account. */
export function useMembership(): Membership {
  return membershipOf(useAccount());
}

const RANK: Record<Role, number> = { viewer: 0, member: 1, admin: 2, owner: 3 };

/** Whether `role` may do what `needed` may; mirrors the server's order of roles. */
export function roleAtLeast(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}
