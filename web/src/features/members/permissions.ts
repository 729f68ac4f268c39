import type { Member, Role } from "@/api/types";
import { roleAtLeast } from "@/lib/session";

/** All roles, the strongest first. */
export const ROLES = ["owner", "admin", "member", "viewer"] as const satisfies readonly Role[];

/** The roles that `actor` may give: none above the own (`MemberCreate.role`). */
export function grantableRoles(actor: Role): Role[] {
  return ROLES.filter((role) => roleAtLeast(actor, role));
}

/** Why `actor` may not change or remove the member: the key of its text, or nothing. */
export function memberObstacle(
  member: Member,
  members: readonly Member[],
  actor: Role,
): "role" | "above" | "lastOwner" | undefined {
  if (!roleAtLeast(actor, "admin")) return "role";
  if (!roleAtLeast(actor, member.role)) return "above";
  const owners = members.filter(({ role }) => role === "owner").length;
  return member.role === "owner" && owners === 1 ? "lastOwner" : undefined;
}
