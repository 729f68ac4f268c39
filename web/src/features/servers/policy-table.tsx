import { Check, Minus } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { NodePolicy } from "@/api/types";

const VERBS = [
  "workspaces",
  "terminal",
  "exec",
  "files",
  "containers",
  "update",
  "privileged",
] as const;

/** What the server's owner permits. The control plane can show it, and cannot change it. */
export function PolicyTable({ policy }: { policy: NodePolicy }) {
  const { t } = useTranslation("servers");
  return (
    <table className="w-full max-w-2xl">
      <thead className="sr-only">
        <tr>
          <th>{t("policy.verb")}</th>
          <th>{t("policy.state")}</th>
        </tr>
      </thead>
      <tbody className="divide-y border-y">
        {VERBS.map((verb) => {
          const permitted = verb === "files" ? policy.files.permitted : policy[verb];
          const Icon = permitted ? Check : Minus;
          return (
            <tr key={verb}>
              <th scope="row" className="py-2 pe-4 text-start font-normal">
                {t(`policy.${verb}`)}
                {verb === "files" && permitted ? <FilesLimits files={policy.files} /> : null}
              </th>
              <td className="w-36 py-2 align-top">
                <span
                  className={`flex items-center gap-1.5 ${permitted ? "text-ok" : "text-ink-2"}`}
                >
                  <Icon className="size-4 shrink-0" aria-hidden />
                  {t(permitted ? "policy.permitted" : "policy.refused")}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Which files, where not all, and whether only to read. */
function FilesLimits({ files }: { files: NodePolicy["files"] }) {
  const { t } = useTranslation("servers");
  return (
    <span className="block text-ink-2 text-xs">
      {t(files.read_only ? "policy.readOnly" : "policy.readWrite")}
      {files.roots.length > 0 ? (
        <>
          {" · "}
          {t("policy.roots")}{" "}
          {files.roots.map((root) => (
            <bdi key={root} dir="ltr" className="me-2 font-mono">
              {root}
            </bdi>
          ))}
        </>
      ) : null}
    </span>
  );
}
