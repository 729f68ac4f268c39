import { beforeEach, describe, expect, test } from "vitest";
import { createLayoutStore, WORKSPACES_MAX } from "./layout-store";

beforeEach(() => localStorage.clear());

describe("the layout of a workspace", () => {
  test("is remembered for each workspace; a new one begins as the last one stood", () => {
    createLayoutStore("ws_1").getState().set({ sideWidth: 300, terminalPosition: "right" });
    createLayoutStore("ws_2").getState().set({ sideWidth: 400 });
    expect(createLayoutStore("ws_1").getState().sideWidth).toBe(300);
    expect(createLayoutStore("ws_2").getState().sideWidth).toBe(400);
    const { sideWidth, terminalPosition } = createLayoutStore("ws_3").getState();
    expect([sideWidth, terminalPosition]).toEqual([400, "right"]);
  });

  test("does without what makes no sense", () => {
    const text = JSON.stringify({ sideWidth: -4, sideOpen: "yes", terminalHeight: 300 });
    localStorage.setItem("atelier.layout.ws_1", text);
    localStorage.setItem("atelier.layout.ws_2", "{");
    const { sideWidth, sideOpen, terminalHeight } = createLayoutStore("ws_1").getState();
    expect([sideWidth, sideOpen, terminalHeight]).toEqual([260, true, 300]);
    expect(createLayoutStore("ws_2").getState().sideWidth).toBe(260);
  });

  test("forgets zen mode, so that nobody comes back to a page without its bars", () => {
    createLayoutStore("ws_1").getState().set({ zen: true });
    expect(createLayoutStore("ws_1").getState().zen).toBe(false);
  });

  test("of so many workspaces and no more is kept", () => {
    for (let number = 0; number <= WORKSPACES_MAX; number += 1) {
      const value = JSON.stringify({ sideWidth: 300, at: number });
      localStorage.setItem(`atelier.layout.ws_${number}`, value);
    }
    createLayoutStore("ws_new").getState().set({ sideWidth: 200 });
    const kept = Object.keys(localStorage).filter((key) => key.startsWith("atelier.layout."));
    expect(kept).toHaveLength(WORKSPACES_MAX);
    expect(localStorage.getItem("atelier.layout.ws_0")).toBeNull();
    expect(localStorage.getItem("atelier.layout.ws_new")).not.toBeNull();
  });

  test("reveals a panel in whatever form the page has", () => {
    const store = createLayoutStore("ws_1");
    store.getState().set({ sideOpen: false, terminalOpen: false, maximized: "editor" });
    store.getState().reveal("terminal");
    expect(store.getState()).toMatchObject({
      sheet: "terminal",
      terminalOpen: true,
      maximized: "none",
    });
    store.getState().set({ maximized: "terminal", zen: true });
    store.getState().reveal("editor");
    expect(store.getState()).toMatchObject({ sheet: "editor", maximized: "none", zen: true });
    store.getState().reveal("search");
    expect(store.getState()).toMatchObject({
      sheet: "search",
      view: "search",
      sideOpen: true,
      zen: false,
    });
  });
});
