import { act, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { IconButton } from "./icon-button";
import { TooltipProvider } from "./tooltip";

function shown(expanded: boolean) {
  return (
    <TooltipProvider delayDuration={0}>
      <IconButton label="More" aria-expanded={expanded}>
        …
      </IconButton>
    </TooltipProvider>
  );
}

test("a button's name is not shown over the menu that it has opened", () => {
  const { rerender } = render(shown(false));
  act(() => screen.getByRole("button", { name: "More" }).focus());
  expect(screen.queryByRole("tooltip")).not.toBeNull();
  rerender(shown(true));
  expect(screen.queryByRole("tooltip")).toBeNull();
});
