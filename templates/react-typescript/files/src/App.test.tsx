import { renderToString } from "react-dom/server";
import { expect, test } from "vitest";
import { App } from "./App";

test("the page has its heading and a counter at zero", () => {
  const html = renderToString(<App />);
  expect(html).toContain("<h1>React + TypeScript</h1>");
  expect(html.replaceAll("<!-- -->", "")).toContain("Clicked 0 times");
});
