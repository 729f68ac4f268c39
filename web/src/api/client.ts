import createFetchClient from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import { type ApiError, errorOfFetch, errorOfResponse } from "./errors";
import type { paths } from "./schema.gen";

/** Every state-changing request of a browser must carry it (CSRF, with the Origin check). */
const CSRF_HEADER = { "Atelier-Csrf": "1" } as const;

type Listener = (error: ApiError) => void;
let onUnauthenticated: Listener = () => {};

/** Sets what happens when the session has ended: the router sends the person to sign in. */
export function setUnauthenticatedHandler(listener: Listener): void {
  onUnauthenticated = listener;
}

/**
 * `fetch` with the session, the CSRF header, and every failure as an {@link ApiError}. For bodies
 * that the generated client does not cover (file contents); everything else uses {@link api}.
 */
export async function apiFetch(input: Request | string, init?: RequestInit): Promise<Response> {
  const url = typeof input === "string" ? new URL(input, globalThis.location?.href) : input;
  const request = new Request(url, { credentials: "same-origin", ...init });
  for (const [name, value] of Object.entries(CSRF_HEADER)) request.headers.set(name, value);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (cause) {
    throw errorOfFetch(cause);
  }
  if (response.ok || response.status === 304) return response;
  const error = await errorOfResponse(response);
  if (error.code === "unauthenticated") onUnauthenticated(error);
  throw error;
}

/** The typed client: `api.GET("/api/v1/me")`. Failures throw {@link ApiError}. */
export const api = createFetchClient<paths>({
  baseUrl: globalThis.location?.origin,
  fetch: (request) => apiFetch(request),
});

/**
 * The same, for Query: `useQuery($api.queryOptions("get", "/api/v1/me"))`. Keys are
 * `[method, path, init]`, never typed by hand.
 */
export const $api = createQueryClient(api);

/** The URL of a WebSocket below the API. */
export function socketUrl(path: string): string {
  const url = new URL(path, globalThis.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
