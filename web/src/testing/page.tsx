import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRouter, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import i18next from "i18next";
import { queryClient } from "@/api/query-client";
import { startI18n } from "@/lib/i18n";
import { routeTree } from "@/routeTree.gen";

/** Shows the application at an address, as a browser would, with the fake server's answers. */
export async function visit(href: string) {
  queryClient.clear();
  if (!i18next.isInitialized) await startI18n();
  const router = createRouter({
    routeTree,
    context: { queryClient },
    history: createMemoryHistory({ initialEntries: [href] }),
  });
  render(
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return router;
}
