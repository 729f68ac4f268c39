// Sets theme, language and direction before the first paint, so that nothing flashes. The same
// keys are written by src/lib/theme.ts and src/lib/i18n.ts.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem("atelier.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const stored = localStorage.getItem("atelier.language");
    const wanted = stored ?? (navigator.languages ?? [navigator.language])[0] ?? "en";
    const language = wanted.toLowerCase().startsWith("ar") ? "ar" : "en";
    root.lang = language;
    root.dir = language === "ar" ? "rtl" : "ltr";
  } catch {
    // Storage can be blocked; the defaults in index.html hold.
  }
})();
