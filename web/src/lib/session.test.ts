import { describe, expect, test } from "vitest";
import type { Account } from "@/api/types";
import { ACCOUNT } from "@/testing/server";
import { chosenMembership, useOrganizationChoice } from "./session";

const BOTH: Account = {
  ...ACCOUNT,
  memberships: [
    { organization_id: "org_1", organization_name: "Workshop", role: "owner" },
    { organization_id: "org_2", organization_name: "Guild", role: "viewer" },
  ],
};

describe("the organization that is shown", () => {
  test("is the chosen one, and the first where the choice means nothing any more", () => {
    expect(chosenMembership(BOTH, "org_2").organization_name).toBe("Guild");
    expect(chosenMembership(BOTH, "org_gone").organization_name).toBe("Workshop");
    expect(chosenMembership(BOTH, null).organization_name).toBe("Workshop");
    expect(chosenMembership({ ...BOTH, memberships: [] }, "org_1").role).toBe("viewer");
  });

  test("is remembered by the browser", () => {
    useOrganizationChoice.getState().choose("org_2");
    expect(localStorage.getItem("atelier.organization")).toBe("org_2");
    expect(useOrganizationChoice.getState().organization).toBe("org_2");
  });
});
