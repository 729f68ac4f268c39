import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { followFocus, stepPanel } from "./focus";

let stop: () => void;

beforeEach(() => {
  document.body.innerHTML = `
    <div data-panel="side"><button id="new">New</button><div role="tree" tabindex="0" id="tree"></div></div>
    <div data-panel="empty"><p>Nothing that takes the focus</p></div>
    <div data-panel="editor"><button id="tab">a.txt</button><input id="text" /></div>
    <div data-panel="terminal"><textarea class="xterm-helper-textarea" id="shell"></textarea></div>`;
  stop = followFocus();
});

afterEach(() => {
  stop();
  document.body.replaceChildren();
});

const focused = () => document.activeElement?.id;

describe("stepping between panels", () => {
  test("goes round, past what takes no focus", () => {
    const visited = [1, 1, 1, 1].map((step) => {
      stepPanel(step as 1);
      return focused();
    });
    expect(visited).toEqual(["tree", "tab", "shell", "tree"]);
    stepPanel(-1);
    expect(focused()).toBe("shell");
  });

  test("backwards from nowhere begins at the end", () => {
    stepPanel(-1);
    expect(focused()).toBe("shell");
  });

  test("comes back to where the focus was in a panel", () => {
    document.getElementById("text")?.focus();
    stepPanel(1);
    expect(focused()).toBe("shell");
    stepPanel(-1);
    expect(focused()).toBe("text");
  });
});
