import { CloudOff, LoaderCircle } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { retryEventsNow } from "@/lib/event-sync";
import { useConnection } from "@/lib/events";
import { Button } from "../ui/button";

/** Counts down to `until`, in whole seconds. */
function useSecondsUntil(until: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((until - now) / 1000));
}

function Waiting({ retryAt }: { retryAt: number }) {
  const { t } = useTranslation();
  const seconds = useSecondsUntil(retryAt);
  return (
    <span className="flex items-center gap-1.5 text-warn text-xs">
      <CloudOff className="size-4" aria-hidden />
      <span className="hidden sm:inline">{t("connection.waiting", { count: seconds })}</span>
      <Button variant="link" size="sm" onClick={retryEventsNow}>
        {t("connection.retryNow")}
      </Button>
    </span>
  );
}

/** Whether news arrive. Silent while all is well. */
export function ConnectionIndicator() {
  const { t } = useTranslation();
  const connection = useConnection((state) => state.connection);
  return (
    <output aria-live="polite" className="flex items-center">
      {connection.phase === "waiting" ? <Waiting retryAt={connection.retryAt} /> : null}
      {connection.phase === "connecting" && connection.attempt > 0 ? (
        <span className="flex items-center gap-1.5 text-warn text-xs">
          <LoaderCircle className="size-4 animate-spin" aria-hidden />
          {t("connection.connecting")}
        </span>
      ) : null}
      {connection.phase === "refused" ? (
        <span className="flex items-center gap-1.5 text-bad text-xs">
          <CloudOff className="size-4" aria-hidden />
          {connection.detail}
        </span>
      ) : null}
    </output>
  );
}
