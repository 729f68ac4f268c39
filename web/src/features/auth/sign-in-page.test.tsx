import { fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { visit } from "@/testing/page";
import { ACCOUNT, problem, serve } from "@/testing/server";

const signedOut = {
  "GET /api/v1/me": () => problem(401, "unauthenticated", "Sign in first."),
  "GET /api/v1/info": () => ({ version: "0.1.0", setup_required: false }),
};

async function submit(email: string, password: string): Promise<void> {
  fireEvent.change(await screen.findByLabelText("E-mail"), { target: { value: email } });
  fireEvent.change(screen.getByLabelText("Password"), { target: { value: password } });
  fireEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

describe("signing in", () => {
  test("is where a page sends people who are not signed in, with the way back", async () => {
    serve(signedOut);
    const router = await visit("/members");
    await screen.findByRole("heading", { name: "Sign in" });
    expect(router.state.location.pathname).toBe("/sign-in");
    expect(router.state.location.search).toEqual({ next: "/members" });
  });

  test("is set-up where no account exists yet", async () => {
    serve({ ...signedOut, "GET /api/v1/info": () => ({ version: "0.1.0", setup_required: true }) });
    const router = await visit("/");
    await screen.findByRole("heading", { name: "Set up Atelier" });
    expect(router.state.location.pathname).toBe("/setup");
  });

  test("asks for what is missing without asking the server", async () => {
    const calls = serve(signedOut);
    await visit("/sign-in");
    await submit("", "");
    expect(await screen.findByText("Enter your e-mail address.")).toBeTruthy();
    expect(screen.getByText("Enter your password.")).toBeTruthy();
    expect(calls.filter(({ request }) => request.startsWith("POST"))).toEqual([]);
  });

  test("shows the server's words and empties the password", async () => {
    serve({
      ...signedOut,
      "POST /api/v1/session": () =>
        problem(401, "invalid_credentials", "E-mail or password are wrong."),
    });
    await visit("/sign-in");
    await submit("lina@example.org", "nope");
    expect((await screen.findByRole("alert")).textContent).toContain(
      "E-mail or password are wrong.",
    );
    expect(screen.getByLabelText<HTMLInputElement>("Password").value).toBe("");
    expect(screen.getByLabelText<HTMLInputElement>("E-mail").value).toBe("lina@example.org");
  });

  test("waits as long as the server asks", async () => {
    const calls = serve({
      ...signedOut,
      "POST /api/v1/session": () =>
        problem(429, "rate_limited", "Too many attempts.", { retry_after_s: 30 }),
    });
    await visit("/sign-in");
    await submit("lina@example.org", "nope");
    const button = await screen.findByRole("button", { name: /^Wait \d+ seconds$/ });
    fireEvent.click(button);
    expect(calls.filter(({ request }) => request.startsWith("POST"))).toHaveLength(1);
  });

  test("leads back to the page that asked for it", async () => {
    const calls = serve({
      ...signedOut,
      "POST /api/v1/session": () => ACCOUNT,
      "GET /api/v1/organizations/org_1/members": () => ({ items: [] }),
    });
    const router = await visit("/sign-in?next=%2Fmembers");
    await submit("lina@example.org", "correct horse");
    await screen.findByRole("heading", { name: "Members" });
    expect(router.state.location.pathname).toBe("/members");
    await waitFor(() =>
      expect(calls).toContainEqual({
        request: "POST /api/v1/session",
        body: { email: "lina@example.org", password: "correct horse" },
      }),
    );
  });
});
