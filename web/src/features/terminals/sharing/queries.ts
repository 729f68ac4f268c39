/** A link's server data. Whoever has it needs no account, so that nobody is sent to sign in. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { ApiError } from "@/api/errors";
import type { components } from "@/api/schema.gen";

export type SharedTerminal = components["schemas"]["SharedTerminal"];

/** How often it is looked whether a link is still good. */
const LOOK_EVERY_MS = 30_000;

/** What a link leads to. The token stands in the key only in this page's memory. */
export function sharedTerminal(token: string) {
  return queryOptions({
    queryKey: ["share", token],
    enabled: token !== "",
    queryFn: async () => {
      const { data } = await api.POST("/api/v1/shares/open", { body: { token } });
      if (!data) throw new Error("an answer without a body");
      return data;
    },
    retry: (count, error) => (error as unknown as ApiError).status >= 500 && count < 3,
    // What is no link will not become one, and asking counts as guessing.
    refetchInterval: ({ state }) => (state.data?.state === "active" ? LOOK_EVERY_MS : false),
  });
}
