import { Link, Outlet, useMatches } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useAccount } from "@/lib/session";
import { OrganizationSwitcher } from "./organization-switcher";
import { PLACES } from "./places";
import { Rail } from "./rail";
import { SignedIn } from "./signed-in";
import { TopBar } from "./top-bar";

function Place() {
  const { t } = useTranslation();
  // On a phone there is room for one; the rail shows the place as well.
  const several = useAccount().memberships.length > 1;
  const path = useMatches().at(-1)?.pathname ?? "/";
  const trimmed = path.replace(/(.)\/$/, "$1");
  const place = PLACES.find(({ to }) => to === trimmed || (to !== "/" && trimmed.startsWith(to)));
  return (
    <div className="flex min-w-0 items-center gap-2">
      <OrganizationSwitcher />
      {place ? (
        <>
          <span className="hidden text-ink-3 sm:inline" aria-hidden>
            /
          </span>
          <Link
            to={place.to}
            className={cn("truncate rounded-sm font-medium", several && "max-sm:hidden")}
          >
            {t(place.label)}
          </Link>
        </>
      ) : null}
    </div>
  );
}

/** The frame of all pages but the workspace view: rail, top bar, content. */
export function AppShell() {
  return (
    <SignedIn>
      <div className="flex h-dvh flex-col sm:flex-row">
        <Rail />
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <TopBar place={<Place />} />
          <main
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the arrow keys must reach it on pages without controls.
            tabIndex={0}
            className="min-h-0 flex-1 overflow-y-auto bg-surface focus-visible:-outline-offset-2"
          >
            <Outlet />
          </main>
        </div>
      </div>
    </SignedIn>
  );
}
