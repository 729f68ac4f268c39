import { useRouter } from "@tanstack/react-router";
import { ErrorState } from "../error-state";

/** What stands in place of a page that could not be shown. */
export function ErrorPage({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const router = useRouter();
  return (
    <main className="mx-auto max-w-lg p-6">
      <ErrorState
        error={error}
        onRetry={() => {
          onRetry();
          void router.invalidate();
        }}
      />
    </main>
  );
}
