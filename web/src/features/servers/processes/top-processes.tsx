import { useTranslation } from "react-i18next";
import type { TelemetrySample } from "@/api/types";
import { currentLocale } from "@/lib/i18n";
import { formatValue } from "../charts/units";

/** The processes that use most, as they were measured last. */
export function TopProcesses({ sample }: { sample: TelemetrySample }) {
  const { t } = useTranslation("telemetry");
  const locale = currentLocale();
  return (
    <section aria-labelledby="top-processes-title">
      <h2 id="top-processes-title" className="font-semibold text-base">
        {t("processes.title")}
      </h2>
      <p className="text-ink-2">{t("processes.detail")}</p>
      <div className="mt-2 overflow-x-auto">
        <table className="w-full text-xs">
          <thead className="text-ink-3">
            <tr>
              <th scope="col" className="py-1 pe-3 text-start font-medium">
                {t("processes.name")}
              </th>
              <th scope="col" className="py-1 pe-3 text-end font-medium">
                {t("processes.pid")}
              </th>
              <th scope="col" className="py-1 pe-3 text-end font-medium">
                {t("processes.cpu")}
              </th>
              <th scope="col" className="py-1 text-end font-medium">
                {t("processes.memory")}
              </th>
            </tr>
          </thead>
          <tbody>
            {sample.processes.map((process) => (
              <tr key={process.pid} className="border-t">
                <th scope="row" className="py-1 pe-3 text-start font-mono font-normal">
                  <bdi dir="ltr">{process.name}</bdi>
                </th>
                <td className="py-1 pe-3 text-end text-ink-2">{process.pid}</td>
                <td className="py-1 pe-3 text-end">
                  <bdi dir="ltr">{formatValue(process.cpu_millis, "share", locale)}</bdi>
                </td>
                <td className="py-1 text-end">
                  <bdi dir="ltr">{formatValue(process.memory_bytes, "bytes", locale)}</bdi>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
