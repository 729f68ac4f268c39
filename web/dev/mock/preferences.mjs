import { createHash } from "node:crypto";
import { json, problem, route } from "./http.mjs";

const PATH = "/me/preferences/{namespace}";

function shown(namespace, value) {
  const hash = createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
  return { namespace, value, etag: `"${hash}"` };
}

/** The person's preferences, in memory. */
export function preferenceRoutes() {
  const held = new Map();
  const one = ({ params }) => shown(params.namespace, held.get(params.namespace) ?? {});
  return [
    route("GET", "/me/preferences", (context) =>
      json(context, { items: [...held].map(([namespace, value]) => shown(namespace, value)) }),
    ),
    route("GET", PATH, (context) => json(context, one(context))),
    route("PUT", PATH, (context) => {
      const { etag } = one(context);
      if (context.request.headers["if-match"] !== etag)
        return problem(context, 412, "stale", "Changed meanwhile.", { etag });
      held.set(context.params.namespace, context.input.value);
      return json(context, one(context));
    }),
    route("DELETE", PATH, (context) => {
      held.delete(context.params.namespace);
      json(context, null, 204);
    }),
  ];
}
