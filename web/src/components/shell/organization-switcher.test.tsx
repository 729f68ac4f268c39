import { fireEvent, screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { Account } from "@/api/types";
import { useOrganizationChoice } from "@/lib/session";
import { visit } from "@/testing/page";
import { ACCOUNT, serve, workspaceOf } from "@/testing/server";

const SEVERAL: Account = {
  ...ACCOUNT,
  memberships: [
    { organization_id: "org_1", organization_name: "Workshop", role: "owner" },
    { organization_id: "org_2", organization_name: "Guild", role: "member" },
  ],
};

function dashboard(account: Account) {
  serve({
    "GET /api/v1/me": () => account,
    "GET /api/v1/organizations/org_1/workspaces": () => ({
      items: [workspaceOf({ name: "of-workshop" })],
    }),
    "GET /api/v1/organizations/org_2/workspaces": () => ({
      items: [workspaceOf({ id: "ws_2", organization_id: "org_2", name: "of-guild" })],
    }),
  });
  useOrganizationChoice.setState({ organization: null });
  return visit("/");
}

describe("the organization switcher", () => {
  test("is not there for one membership", async () => {
    await dashboard(ACCOUNT);
    await screen.findByRole("article", { name: "of-workshop" });
    expect(screen.queryByRole("button", { name: /^Organization/ })).toBeNull();
  });

  test("shows the other organization's workspaces, and remembers it", async () => {
    await dashboard(SEVERAL);
    await screen.findByRole("article", { name: "of-workshop" });
    fireEvent.keyDown(screen.getByRole("button", { name: "Organization: Workshop" }), {
      key: "Enter",
    });
    fireEvent.click(await screen.findByRole("menuitemradio", { name: /Guild/ }));
    await screen.findByRole("article", { name: "of-guild" });
    expect(localStorage.getItem("atelier.organization")).toBe("org_2");
  });
});
