import type { Account, Role, Workspace } from "@/api/types";
import { roleAtLeast } from "./session";

/** Members make and use their own workspaces, admins all of them (`organizations::Role`). */
export function canManage(workspace: Workspace, account: Pick<Account, "id">, role: Role): boolean {
  if (roleAtLeast(role, "admin")) return true;
  return role === "member" && workspace.owner_id === account.id;
}
