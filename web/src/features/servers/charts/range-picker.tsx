import { getRouteApi, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { ServerSearch } from "../tabs";
import { DEFAULT_RANGE, RANGES, type Range } from "./ranges";

const route = getRouteApi("/_app/servers/$nodeId");

/** Chooses the time that charts show; it stands in the address, beside what else says what is shown. */
export function RangePicker({ beside = {} }: { beside?: Omit<ServerSearch, "range"> }) {
  const { t } = useTranslation("telemetry");
  const { nodeId } = route.useParams();
  return (
    <nav aria-label={t("range.label")} className="flex rounded-md border bg-surface p-0.5">
      {(Object.keys(RANGES) as Range[]).map((range) => (
        <Link
          key={range}
          to="/servers/$nodeId"
          params={{ nodeId }}
          search={range === DEFAULT_RANGE ? beside : { ...beside, range }}
          replace
          resetScroll={false}
          activeOptions={{ exact: true }}
          className="rounded-sm px-2.5 py-0.5 text-ink-2 text-xs hover:text-ink aria-[current]:bg-selected aria-[current]:font-medium aria-[current]:text-ink"
        >
          {t(`range.${range}`)}
        </Link>
      ))}
    </nav>
  );
}
