import { createRouter } from "@tanstack/react-router";
import { setUnauthenticatedHandler } from "./api/client";
import { queryClient } from "./api/query-client";
import { routeTree } from "./routeTree.gen";

/** The router; URLs are typed by the files in `routes/`. */
export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}

// A session can end under an open page: revoked elsewhere, or expired.
setUnauthenticatedHandler(() => {
  const { pathname, href } = router.state.location;
  if (pathname === "/sign-in" || pathname === "/setup" || router.state.status === "pending") return;
  queryClient.clear();
  void router.navigate({ to: "/sign-in", search: { next: href } });
});
