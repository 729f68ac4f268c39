import { afterEach, describe, expect, test, vi } from "vitest";
import { api, apiFetch, setUnauthenticatedHandler } from "./client";
import { ApiError, errorOfFetch, errorOfResponse, isRetryable } from "./errors";

function problem(status: number, code: string, more: object = {}): Response {
  const body = { status, code, title: "T", detail: "What, why, and what to do.", ...more };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

function answer(response: Response) {
  return vi.spyOn(globalThis, "fetch").mockResolvedValue(response);
}

afterEach(() => setUnauthenticatedHandler(() => {}));

describe("errorOfResponse", () => {
  test("carries all that the server said", async () => {
    const error = await errorOfResponse(
      problem(422, "invalid", { field: "source.url", request_id: "req_1" }),
    );
    expect(error).toMatchObject({
      status: 422,
      code: "invalid",
      detail: "What, why, and what to do.",
      field: "source.url",
      requestId: "req_1",
      retryAfterS: undefined,
    });
    expect(error.message).toBe(error.detail);
  });

  test("reads the wait from the body, else from the header", async () => {
    const inBody = await errorOfResponse(problem(429, "rate_limited", { retry_after_s: 30 }));
    expect(inBody.retryAfterS).toBe(30);
    const inHeader = await errorOfResponse(
      new Response("busy", { status: 503, headers: { "retry-after": "7" } }),
    );
    expect(inHeader).toMatchObject({ code: "gateway", retryAfterS: 7 });
  });

  test("survives answers that are not ours", async () => {
    for (const body of ["<html>Bad Gateway</html>", "", "null", "[]", '{"error":"x"}']) {
      const error = await errorOfResponse(new Response(body, { status: 502 }));
      expect(error).toMatchObject({ status: 502, code: "gateway", requestId: undefined });
    }
  });
});

describe("isRetryable", () => {
  test("only where asking again can help", () => {
    const of = (status: number) => new ApiError({ status, code: "unknown", detail: "" });
    expect(isRetryable(errorOfFetch(new TypeError("failed")))).toBe(true);
    expect(isRetryable(errorOfFetch(new DOMException("", "AbortError")))).toBe(false);
    expect([503, 504].every((status) => isRetryable(of(status)))).toBe(true);
    expect([400, 401, 403, 404, 409, 422, 429, 500].some((status) => isRetryable(of(status)))).toBe(
      false,
    );
    expect(isRetryable(new Error("a bug"))).toBe(false);
  });
});

describe("the client", () => {
  test("sends the CSRF header and the session with every request", async () => {
    const fetched = answer(new Response("{}", { headers: { "content-type": "application/json" } }));
    await api.POST("/api/v1/session", { body: { email: "a@b.c", password: "x" } });
    const request = fetched.mock.calls[0]?.[0] as Request;
    expect(request.headers.get("Atelier-Csrf")).toBe("1");
    expect(request.credentials).toBe("same-origin");
  });

  test("throws the server's error", async () => {
    answer(problem(404, "not_found"));
    const request = api.GET("/api/v1/workspaces/{workspace}", {
      params: { path: { workspace: "ws_1" } },
    });
    await expect(request).rejects.toMatchObject({ name: "ApiError", code: "not_found" });
  });

  test("tells of an ended session, but not of a wrong password", async () => {
    const handler = vi.fn();
    setUnauthenticatedHandler(handler);
    answer(problem(401, "invalid_credentials"));
    await expect(apiFetch("http://server/api/v1/session")).rejects.toThrow();
    expect(handler).not.toHaveBeenCalled();
    answer(problem(401, "unauthenticated"));
    await expect(apiFetch("http://server/api/v1/me")).rejects.toThrow();
    expect(handler).toHaveBeenCalledTimes(1);
  });

  test("turns a missing server into a network error", async () => {
    vi.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("Failed to fetch"));
    await expect(apiFetch("http://server/api/v1/me")).rejects.toMatchObject({ code: "network" });
  });

  test("takes 304 for an answer", async () => {
    answer(new Response(null, { status: 304 }));
    expect((await apiFetch("http://server/file")).status).toBe(304);
  });
});
