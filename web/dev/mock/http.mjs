/** Answers with JSON. */
export function json(context, value, status = 200) {
  context.response.statusCode = status;
  context.response.setHeader("content-type", "application/json");
  context.response.end(JSON.stringify(value));
}

/** Answers with problem details. */
export function problem(context, status, code, detail, more = {}) {
  context.response.statusCode = status;
  context.response.setHeader("content-type", "application/problem+json");
  context.response.end(
    JSON.stringify({ status, code, title: code, detail, request_id: "req_mock", ...more }),
  );
}

/** `[method, "/path/{name}", handler]` to a matcher. */
export function route(method, pattern, handler) {
  const names = [...pattern.matchAll(/{(\w+)}/g)].map((match) => match[1]);
  const regex = new RegExp(`^/api/v1${pattern.replace(/{\w+}/g, "([^/]+)")}$`);
  return { method, regex, names, handler };
}

/** Runs the handler that fits, with `params` and `input` (the JSON body) in its context. */
export async function matchRoute(routes, context) {
  for (const { method, regex, names, handler } of routes) {
    const match = context.url.pathname.match(regex);
    if (!match || context.request.method !== method) continue;
    context.params = Object.fromEntries(names.map((name, index) => [name, match[index + 1]]));
    const type = context.request.headers["content-type"] ?? "";
    context.input = type.includes("json") && context.body.length ? JSON.parse(context.body) : {};
    return handler(context);
  }
  problem(
    context,
    404,
    "not_found",
    `The mock has no ${context.request.method} ${context.url.pathname}`,
  );
}
