import { describe, expect, test } from "vitest";
import type { Member, Role } from "@/api/types";
import { grantableRoles, memberObstacle } from "./permissions";

const member = (role: Role, id: string = role): Member => ({
  account_id: id,
  email: `${id}@example.org`,
  name: id,
  role,
  joined_at: 0,
});

test("nobody gives a role above the own", () => {
  expect(grantableRoles("owner")).toEqual(["owner", "admin", "member", "viewer"]);
  expect(grantableRoles("admin")).toEqual(["admin", "member", "viewer"]);
  expect(grantableRoles("viewer")).toEqual(["viewer"]);
});

describe("memberObstacle", () => {
  const all = [member("owner"), member("admin"), member("member")];

  test("members and viewers change nobody", () => {
    expect(memberObstacle(member("viewer"), all, "member")).toBe("role");
    expect(memberObstacle(member("viewer"), all, "viewer")).toBe("role");
  });

  test("an admin does not change an owner", () => {
    expect(memberObstacle(member("owner"), all, "admin")).toBe("above");
    expect(memberObstacle(member("member"), all, "admin")).toBeUndefined();
  });

  test("the last owner stays one", () => {
    expect(memberObstacle(member("owner"), all, "owner")).toBe("lastOwner");
    const two = [...all, member("owner", "second")];
    expect(memberObstacle(member("owner"), two, "owner")).toBeUndefined();
  });
});
