import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, describe, expect, test } from "vitest";
import {
  bySection,
  type Command,
  listCommands,
  registerCommands,
  SECTIONS,
  type Section,
  useCommandStore,
  useCommands,
} from "./commands";

const registered: (() => void)[] = [];

const command = (id: string, title = id): Command => ({ id, title, run: () => {} });

function register(section: Section, ...commands: Command[]): () => void {
  const remove = registerCommands(section, commands);
  registered.push(remove);
  return remove;
}

const listed = () => listCommands(useCommandStore.getState().groups);
const titles = () => listed().map(({ title }) => title);

afterEach(() => {
  for (const remove of registered.splice(0)) remove();
});

describe("the registry", () => {
  test("lists each id once, the latest registration winning", () => {
    register("go", command("x", "first"));
    register("go", command("y", "other"));
    register("go", command("x", "second"));
    expect(titles()).toEqual(["second", "other"]);
  });

  test("forgets what is taken away", () => {
    register("go", command("z"))();
    expect(listed()).toEqual([]);
  });

  test("shows sections in the declared order, whichever came first", () => {
    for (const section of SECTIONS.toReversed()) register(section, command(section));
    register("git", command("more"));
    const shown = bySection(listed());
    expect(shown.map(([section]) => section)).toEqual(SECTIONS);
    expect(new Map(shown).get("git")?.map(({ id }) => id)).toEqual(["git", "more"]);
  });

  test("shows no section without a command", () => {
    register("view", command("one"));
    expect(bySection(listed()).map(([section]) => section)).toEqual(["view"]);
  });
});

function Part({ commands, children }: { commands: Command[]; children?: ReactNode }) {
  useCommands("go", commands);
  return children;
}

describe.each([false, true])("a component's commands (strict: %s)", (reactStrictMode) => {
  const shown = (page: ReactNode) => render(page, { reactStrictMode });

  test("stand behind those of its parents", () => {
    shown(
      <Part commands={[command("parent")]}>
        <Part commands={[command("child")]} />
        <Part commands={[command("sibling")]} />
      </Part>,
    );
    expect(titles()).toEqual(["parent", "child", "sibling"]);
  });

  test("keep their place, and yield to later ones, when they change", () => {
    const page = (title: string) => (
      <>
        <Part commands={[command("a", title), command("both", title)]} />
        <Part commands={[command("both", "later")]} />
        <Part commands={[command("c")]} />
      </>
    );
    const { rerender } = shown(page("first"));
    expect(titles()).toEqual(["first", "later", "c"]);
    rerender(page("changed"));
    expect(titles()).toEqual(["changed", "later", "c"]);
  });

  test("win over those that were there before, until they go", () => {
    const page = (top: boolean) => (
      <>
        {top ? <Part key="top" commands={[command("both", "top")]} /> : null}
        <Part key="page" commands={[command("both", "page"), command("own")]} />
      </>
    );
    const { rerender } = shown(page(false));
    rerender(page(true));
    expect(titles()).toEqual(["top", "own"]);
    rerender(page(false));
    expect(titles()).toEqual(["page", "own"]);
  });
});
