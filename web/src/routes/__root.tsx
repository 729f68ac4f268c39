import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, Outlet } from "@tanstack/react-router";
import { Direction } from "radix-ui";
import { useTranslation } from "react-i18next";
import { ErrorPage } from "@/components/shell/error-page";
import { NotFoundPage } from "@/components/shell/not-found-page";

export const Route = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Root,
  notFoundComponent: NotFoundPage,
  errorComponent: ({ error, reset }) => <ErrorPage error={error} onRetry={reset} />,
});

function Root() {
  const { i18n } = useTranslation();
  return (
    <Direction.Provider dir={i18n.dir()}>
      <Outlet />
    </Direction.Provider>
  );
}
