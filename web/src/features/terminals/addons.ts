/** What xterm.js is given beside its core. */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import type { Terminal } from "@xterm/xterm";
import { type FileLinksOptions, fileLinkProvider } from "./file-links";
import { openUrl, safeUrl } from "./links";

/** How much memory the pictures of one terminal may take, in megabytes; the oldest go. */
const IMAGES_MB = 32;
/** How large one picture may be: its pixels, and the bytes that say them. */
const IMAGE_PIXELS = 8 * 1024 * 1024;
const IMAGE_BYTES = 8 * 1024 * 1024;

/** The DOM renderer's text can be read by tests and by tools; `?renderer=dom` asks for it. */
function wantsDomRenderer(): boolean {
  const asked = new URLSearchParams(window.location.search).get("renderer");
  return (asked ?? localStorage.getItem("atelier.terminal.renderer")) === "dom";
}

export function addWebgl(xterm: Terminal): void {
  if (wantsDomRenderer()) return;
  try {
    const webgl = new WebglAddon();
    // The browser takes contexts away when many are open; the DOM renderer goes on.
    webgl.onContextLoss(() => webgl.dispose());
    xterm.loadAddon(webgl);
  } catch {
    // No WebGL here: the DOM renderer, which is the default, stays.
  }
}

export function addUnicode(xterm: Terminal): void {
  xterm.loadAddon(new Unicode11Addon());
  xterm.unicode.activeVersion = "11";
}

/** Begins to fetch what shows pictures, for a terminal that will soon be made. */
export function preloadImages(): void {
  import("@xterm/addon-image").catch(() => undefined);
}

/** Pictures in the output: sixel, and iTerm2's inline images. */
export async function addImages(xterm: Terminal): Promise<void> {
  try {
    const { ImageAddon } = await import("@xterm/addon-image");
    xterm.loadAddon(
      new ImageAddon({
        storageLimit: IMAGES_MB,
        pixelLimit: IMAGE_PIXELS,
        sixelSizeLimit: IMAGE_BYTES,
        iipSizeLimit: IMAGE_BYTES,
        sixelPaletteLimit: 1024,
      }),
    );
  } catch {
    // Without it text goes on as ever; a chunk that cannot be had is no reason to show nothing.
  }
}

/** Addresses, the program's own links (OSC 8), and files. A plain click selects; with Ctrl it follows. */
export function addLinks(
  xterm: Terminal,
  files: FileLinksOptions | undefined,
  hint: (text: string | undefined) => void,
): void {
  const follow = (event: MouseEvent, text: string) => {
    if (event.ctrlKey || event.metaKey) openUrl(text);
  };
  xterm.options.linkHandler = {
    // What it may lead to is decided here, for every kind of address.
    allowNonHttpProtocols: true,
    activate: follow,
    // The program chose the text; where it leads is shown as it is.
    hover: (_, text) => hint(safeUrl(text)),
    leave: () => hint(undefined),
  };
  xterm.loadAddon(
    new WebLinksAddon(follow, { hover: (_, text) => hint(text), leave: () => hint(undefined) }),
  );
  if (files) {
    const provider = fileLinkProvider(xterm, {
      ...files,
      hover: (text) => {
        hint(text);
        files.hover(text);
      },
    });
    xterm.registerLinkProvider(provider);
  }
}
