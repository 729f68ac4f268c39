import { describe, expect, it } from "vitest";
import { relativePath, renderMarkdown } from "./markdown";

function html(source: string): string {
  const host = document.createElement("div");
  host.append(
    renderMarkdown(source, { path: "docs/a.md", contentUrl: (path) => `/content/${path}` }),
  );
  return host.innerHTML;
}

describe("a rendered document", () => {
  it("has its structure, and the lines that it comes from", () => {
    expect(html("# One\n\ntext\n")).toBe('<h1 data-line="1">One</h1>\n<p data-line="3">text</p>\n');
    expect(html("| a |\n|---|\n| b |\n")).toContain("<table");
  });

  it.each([
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "<iframe src='https://example.com'></iframe>",
    "<form action='https://example.com'><input name=q></form>",
    "<style>body{display:none}</style>",
    "<p style='position:fixed'>x</p>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "![x](https://example.com/track.png)",
    '<img srcset="https://example.com/a.png 1x" src="b.png">',
  ])("runs and loads nothing: %s", (source) => {
    const result = html(source);
    expect(result).not.toMatch(
      /<script|onerror=|(?:href|src)="javascript:|<iframe|<form|<input|<style|style=/i,
    );
    expect(result).not.toMatch(/(?:src|srcset)="https?:/i);
  });

  it("shows images beside it, and links to files beside it", () => {
    expect(html("![x](img/a.png)")).toContain('src="/content/docs/img/a.png"');
    expect(html("[b](../b.md#part)")).toContain('data-path="b.md"');
    expect(html("[c](https://example.com)")).toContain('rel="noopener noreferrer nofollow"');
  });
});

it("addresses stay within the root", () => {
  expect(relativePath("docs/a.md", "../../etc/passwd")).toBeUndefined();
  expect(relativePath("docs/a.md", "/b.png")).toBe("b.png");
  expect(relativePath("docs/a.md", "a%20b.png")).toBe("docs/a b.png");
  expect(relativePath("docs/a.md", "50%25.png")).toBe("docs/50%25.png");
  expect(relativePath("a.md", "%ff")).toBeUndefined();
  expect(relativePath("a.md", "//example.com/x.png")).toBeUndefined();
});
