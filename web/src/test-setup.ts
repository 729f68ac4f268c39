import { cleanup, configure } from "@testing-library/react";
import { afterEach, vi } from "vitest";

// Pages load lazily, and the machine may be busy: how long is the runner's limit to set.
configure({ asyncUtilTimeout: 20_000 });

afterEach(() => cleanup());

// What jsdom lacks and the pages use.
vi.stubGlobal("matchMedia", () => ({
  matches: false,
  addEventListener: () => {},
  removeEventListener: () => {},
}));
vi.stubGlobal("scrollTo", () => {});
Element.prototype.scrollIntoView = () => {};
Object.defineProperty(document, "fonts", { value: { load: async () => [] } });
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);

/** Never opens: the pages' tests bring news by other ways. */
class SilentSocket {
  static readonly OPEN = 1;
  static readonly CONNECTING = 0;
  static readonly CLOSED = 3;
  readyState = 0;
  close() {}
  send() {}
}
vi.stubGlobal("WebSocket", SilentSocket);
