// A part of the page that could not be fetched (the network changed, the server was being updated)
// would leave it blank or half there. As soon as the server answers again, the page is read anew.
(() => {
  const KEY = "atelier.recoveries";
  const FORGET_MS = 120_000;
  const WAIT_MAX_MS = 15_000;
  const TEXTS = {
    en: "A part of this page could not be fetched. Trying again…",
    ar: "تعذّر جلب جزء من هذه الصفحة. تجري المحاولة من جديد…",
  };
  const startedAt = Date.now();
  let waiting = false;

  /** How often in a row this has happened; a wait grows with it, lest a broken server be flooded. */
  function attempt() {
    try {
      const { count, at } = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
      const next = Date.now() - at < FORGET_MS ? count + 1 : 0;
      sessionStorage.setItem(KEY, JSON.stringify({ count: next, at: Date.now() }));
      return next;
    } catch {
      // Without storage nothing is known of the times before; waiting long is always right.
      return 6;
    }
  }

  function tell() {
    const root = document.getElementById("root");
    if (!root || root.childElementCount > 0) return;
    const text = document.createElement("p");
    text.role = "status";
    text.style.padding = "1rem";
    text.textContent = TEXTS[document.documentElement.lang] ?? TEXTS.en;
    root.replaceChildren(text);
  }

  async function recover() {
    if (waiting) return;
    waiting = true;
    let wait = Math.min(300 * 2 ** attempt(), WAIT_MAX_MS);
    let answer;
    while (!answer?.ok) {
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
      if (Date.now() - startedAt > 1000) tell();
      answer = await fetch("/healthz", { cache: "no-store" }).catch(() => undefined);
      wait = Math.min(wait * 2, WAIT_MAX_MS);
    }
    // What is not saved is asked about first, as at any other reload.
    location.reload();
  }

  // Scripts and styles of the first load: their errors do not bubble, but can be captured.
  addEventListener(
    "error",
    ({ target }) => {
      // An icon that is missing takes nothing from the page.
      const isPart =
        target instanceof HTMLScriptElement ||
        (target instanceof HTMLLinkElement && /^(stylesheet|modulepreload)$/.test(target.rel));
      if (isPart) void recover();
    },
    true,
  );
  // Parts that are loaded when they are first needed.
  addEventListener("vite:preloadError", () => void recover());
})();
