import type { components } from "./schema.gen";

type Problem = components["schemas"]["Problem"];

/**
 * The server's error codes, and those that only a client can see: no answer, an answer that nobody
 * waits for any more, an answer that is not from our server (a proxy in between), and a file of the
 * person's own that was to be sent and cannot be read.
 */
export type ApiErrorCode = Problem["code"] | "network" | "aborted" | "gateway" | "unreadable";

/** A failed request, with what the server said of it (RFC 9457). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ApiErrorCode;
  /** What happened, why, and what to do next, in the server's words. */
  readonly detail: string;
  /** The field of the request that is wrong, as a dotted path. */
  readonly field: string | undefined;
  /** After how many seconds trying again makes sense. */
  readonly retryAfterS: number | undefined;
  readonly requestId: string | undefined;
  /** The current ETag, where the code is `stale`. */
  readonly etag: string | undefined;

  constructor(
    problem: Pick<Problem, "status" | "detail"> & { code: ApiErrorCode } & Partial<
        Omit<Problem, "code">
      >,
  ) {
    super(problem.detail);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.field = problem.field ?? undefined;
    this.retryAfterS = problem.retry_after_s ?? undefined;
    this.requestId = problem.request_id ?? undefined;
    this.etag = problem.etag ?? undefined;
  }
}

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === "object" &&
    body !== null &&
    "code" in body &&
    "detail" in body &&
    "status" in body
  );
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}

/** The error that a response with a status of 400 or above stands for. */
export async function errorOfResponse(response: Response): Promise<ApiError> {
  const text = await response.text().catch(() => "");
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (isProblem(body)) {
    return new ApiError({ ...body, retry_after_s: body.retry_after_s ?? retryAfter(response) });
  }
  // Not our server: a proxy in between, or one that is just starting.
  return new ApiError({
    status: response.status,
    code: "gateway",
    detail: `The server answered ${response.status} ${response.statusText}`.trim(),
    retry_after_s: retryAfter(response),
  });
}

/** The error of a request that got no answer. */
export function errorOfFetch(cause: unknown): ApiError {
  const aborted = cause instanceof DOMException && cause.name === "AbortError";
  return new ApiError({
    status: 0,
    code: aborted ? "aborted" : "network",
    detail: aborted ? "The request was cancelled" : "The server cannot be reached",
  });
}

/** Whether asking again, unchanged, can succeed. */
export function isRetryable(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return error.code === "network" || error.status === 503 || error.status === 504;
}
