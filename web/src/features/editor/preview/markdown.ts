/**
 * Markdown as safe HTML. A lazy chunk: markdown-it and DOMPurify come with the first preview.
 *
 * Invariant: no script, no style, no form, no frame and nothing from elsewhere is loaded: images come
 * from the workspace's own files, and links to elsewhere open apart.
 */
import DOMPurify from "dompurify";
import MarkdownIt from "markdown-it";

export interface MarkdownPlace {
  /** The path of the document, for what it names beside it. */
  path: string;
  /** Where a file's bytes are. */
  contentUrl: (path: string) => string;
}

const markdown = new MarkdownIt({ html: true, linkify: true });

// The line that a block begins with, for scrolling together with the source.
for (const rule of [
  "paragraph_open",
  "heading_open",
  "list_item_open",
  "blockquote_open",
  "table_open",
  "hr",
] as const) {
  const render = markdown.renderer.rules[rule];
  markdown.renderer.rules[rule] = (tokens, index, options, environment, self) => {
    const token = tokens[index];
    if (token?.map) token.attrSet("data-line", String(token.map[0] + 1));
    return render
      ? render(tokens, index, options, environment, self)
      : self.renderToken(tokens, index, options);
  };
}
for (const rule of ["fence", "code_block"] as const) {
  const render = markdown.renderer.rules[rule];
  if (!render) continue;
  markdown.renderer.rules[rule] = (tokens, index, options, environment, self) => {
    const line = tokens[index]?.map?.[0];
    const html = render(tokens, index, options, environment, self);
    return line === undefined ? html : `<div data-line="${line + 1}">${html}</div>`;
  };
}

/** The document as HTML that can be put into the page. */
export function renderMarkdown(source: string, place: MarkdownPlace): DocumentFragment {
  const fragment = DOMPurify.sanitize(markdown.render(source), {
    USE_PROFILES: { html: true },
    FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select", "video", "audio"],
    FORBID_ATTR: ["style", "srcset", "background", "poster", "ping"],
    ADD_ATTR: ["data-line"],
    // Names of elements could stand in for the page's own.
    SANITIZE_NAMED_PROPS: true,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const image of fragment.querySelectorAll("img")) {
    const at = relativePath(place.path, image.getAttribute("src") ?? "");
    if (at !== undefined) image.src = place.contentUrl(at);
    else if (!image.src.startsWith("data:image/")) replaceByText(image);
    image.loading = "lazy";
  }
  for (const link of fragment.querySelectorAll("a")) {
    const target = link.getAttribute("href") ?? "";
    if (/^(?:https?:|mailto:)/i.test(target)) {
      link.target = "_blank";
      link.rel = "noopener noreferrer nofollow";
    } else if (target.startsWith("#")) {
      // DOMPurify has put this in front of every name.
      link.setAttribute("href", `#user-content-${target.slice(1)}`);
    } else {
      const at = relativePath(place.path, target);
      link.removeAttribute("href");
      if (at !== undefined) {
        link.dataset.path = at;
        link.setAttribute("role", "link");
        link.tabIndex = 0;
      }
    }
  }
  return fragment;
}

/** An image from elsewhere would tell its server who reads: its words stand there instead. */
function replaceByText(image: HTMLImageElement): void {
  const text = document.createElement("span");
  text.className = "remote-image";
  text.textContent = image.alt || image.getAttribute("src") || "";
  image.replaceWith(text);
}

/** The workspace's path that an address in the document means; nothing where it is none. */
export function relativePath(document: string, address: string): string | undefined {
  if (address === "" || /^[a-z][a-z\d+.-]*:|^\/\/|^#/i.test(address)) return undefined;
  const bare = address.replace(/[?#].*$/, "");
  let decoded: string;
  try {
    decoded = decodeURIComponent(bare);
  } catch {
    return undefined;
  }
  const base = decoded.startsWith("/") ? [] : document.split("/").slice(0, -1);
  const parts = [...base];
  for (const part of decoded.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length === 0) return undefined;
    else parts.pop();
  }
  return parts.length === 0 ? undefined : parts.join("/").replaceAll("%", "%25");
}
