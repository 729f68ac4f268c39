import { QueryClient } from "@tanstack/react-query";
import { ApiError, isRetryable } from "./errors";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: ApiError;
  }
}

/** How often a failed read is repeated before the page shows the error with its own retry. */
const RETRIES = 2;

/** The one cache of server data. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Events keep what is shown fresh; this covers what has none.
      staleTime: 15_000,
      retry: (count, error) => count < RETRIES && isRetryable(error),
      retryDelay: (count, error) =>
        error instanceof ApiError && error.retryAfterS !== undefined
          ? Math.min(error.retryAfterS * 1000, 10_000)
          : 400 * 2 ** count,
    },
    mutations: { retry: false },
  },
});
