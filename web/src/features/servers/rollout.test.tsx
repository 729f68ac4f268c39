import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { queryClient } from "@/api/query-client";
import type { NodeRollout } from "@/api/types";
import { applyEvent } from "@/lib/event-sync";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, problem, serve } from "@/testing/server";

const ROLLOUTS = "/api/v1/organizations/org_1/node-rollouts";

function rollout(change: Partial<NodeRollout> = {}): NodeRollout {
  return {
    id: "rollout_1",
    organization_id: "org_1",
    state: "running",
    canary: 1,
    batch: 10,
    pause_s: 0,
    wait_for_offline: false,
    healthy_within_s: 60,
    created_by: "acc_1",
    created_by_name: "Ada",
    created_at: 0,
    counts: { waiting: 1, running: 1, succeeded: 1, failed: 0, skipped: 0, aborted: 0 },
    ...change,
  };
}

function page(current: () => NodeRollout[], more: Parameters<typeof serve>[0] = {}) {
  return serve({
    "GET /api/v1/me": () => ACCOUNT,
    "GET /api/v1/organizations/org_1/nodes": () => ({ items: [nodeOf()] }),
    "GET /api/v1/organizations/org_1/node-tokens": () => ({ items: [] }),
    [`GET ${ROLLOUTS}`]: () => ({ items: current() }),
    "GET /api/v1/node-rollouts/rollout_1/nodes": () => ({
      items: [
        {
          id: "nodeupd_1",
          node_rollout_id: "rollout_1",
          node_id: "node_9",
          node_name: "oslo",
          stage: 0,
          state: "failed",
          reason: "The new program was not healthy within 60 s.",
        },
      ],
    }),
    ...more,
  });
}

const panel = async () => within(await screen.findByRole("region", { name: "Update of servers" }));

beforeEach(() => {
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(900);
});

describe("an update of servers", () => {
  test("shows how far it is, follows events, and is paused", async () => {
    let held = rollout();
    const calls = page(() => [held], {
      "POST /api/v1/node-rollouts/rollout_1/pause": () => {
        held = rollout({ state: "paused", reason: "Paused by Ada." });
        return held;
      },
    });
    await visit("/servers");
    (await panel()).getByText("1 of 3 servers updated");
    fireEvent.click((await panel()).getByRole("button", { name: "Pause" }));
    (await panel()).getByRole("progressbar");
    await (await panel()).findByText("Paused by Ada.");
    expect(calls.some(({ request }) => request.endsWith("/pause"))).toBe(true);
    held = rollout({ state: "failed", finished_at: Date.now(), reason: "It stopped at “oslo”." });
    applyEvent(queryClient, {
      sequence: 1,
      at: 0,
      organization_id: "org_1",
      body: { kind: "node_rollout_changed", node_rollout_id: "rollout_1" },
    });
    await (await panel()).findByText("It stopped at “oslo”.");
    fireEvent.click((await panel()).getByRole("button", { name: "Servers" }));
    await (await panel()).findByText("The new program was not healthy within 60 s.");
    fireEvent.click((await panel()).getByRole("button", { name: "Hide" }));
    await waitFor(() =>
      expect(screen.queryByRole("region", { name: "Update of servers" })).toBeNull(),
    );
  });

  test("is started for the label that the list is narrowed by, and says why not", async () => {
    const calls = page(() => [], {
      [`POST ${ROLLOUTS}`]: () => problem(409, "conflict", "Another rollout is under way."),
    });
    await visit("/servers?label=region%3Deu");
    fireEvent.click(await screen.findByRole("button", { name: "Update servers" }));
    const dialog = within(await screen.findByRole("dialog"));
    dialog.getByText("Update servers with region=eu");
    fireEvent.change(dialog.getByLabelText("Batch"), { target: { value: "20" } });
    fireEvent.click(dialog.getByRole("button", { name: "Start the update" }));
    await dialog.findByText("Another rollout is under way.");
    expect(calls.find(({ request }) => request === `POST ${ROLLOUTS}`)?.body).toEqual({
      labels: { region: "eu" },
      canary: 1,
      batch: 20,
      pause_s: 0,
    });
  });
});
