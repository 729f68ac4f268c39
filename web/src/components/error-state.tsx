import { CircleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/errors";
import { useErrorText } from "@/lib/error-text";
import { Button } from "./ui/button";

interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
  retrying?: boolean;
}

/** What stands in place of data that could not be read: the server's words, and the way on. */
export function ErrorState({ error, onRetry, retrying }: ErrorStateProps) {
  const { t } = useTranslation();
  const text = useErrorText();
  // Asking again does not change a role or bring back what is gone.
  const final = error instanceof ApiError && (error.status === 403 || error.status === 404);
  return (
    <div role="alert" className="flex flex-col items-start gap-3 p-4">
      <p className="flex items-start gap-2">
        <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden />
        <bdi>{text(error)}</bdi>
      </p>
      {error instanceof ApiError && error.status >= 500 && error.requestId ? (
        <p className="text-ink-3 text-xs">
          {t("error.requestId")} <code className="isolate-text font-mono">{error.requestId}</code>
        </p>
      ) : null}
      {onRetry && !final ? (
        <Button onClick={onRetry} pending={retrying}>
          {t("action.retry")}
        </Button>
      ) : null}
    </div>
  );
}
