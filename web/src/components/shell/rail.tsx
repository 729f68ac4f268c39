import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Tooltip } from "../ui/tooltip";
import { PLACES } from "./places";

/** The way between places: at the start side, on phones along the bottom. */
export function Rail() {
  const { t, i18n } = useTranslation();
  return (
    <nav
      aria-label={t("shell.places")}
      className="order-last flex shrink-0 justify-around border-t bg-canvas px-1 pb-[env(safe-area-inset-bottom)] sm:order-first sm:w-12 sm:flex-col sm:justify-start sm:gap-1 sm:border-e sm:border-t-0 sm:py-2"
    >
      {PLACES.map(({ to, label, icon: Icon, exact }) => (
        <Tooltip key={to} content={t(label)} side={i18n.dir() === "rtl" ? "left" : "right"}>
          <Link
            to={to}
            activeOptions={{ exact, includeSearch: false }}
            aria-label={t(label)}
            className="flex h-12 min-w-12 flex-col items-center justify-center rounded-md text-ink-2 transition-colors hover:bg-hover hover:text-ink data-[status=active]:bg-selected data-[status=active]:text-accent-text sm:mx-1 sm:h-10 sm:min-w-0"
          >
            <Icon className="size-[18px]" strokeWidth={1.75} aria-hidden />
            <span className="mt-0.5 text-[11px] leading-3 sm:hidden" aria-hidden>
              {t(label)}
            </span>
          </Link>
        </Tooltip>
      ))}
    </nav>
  );
}
