import { useTranslation } from "react-i18next";
import type { Repository } from "@/api/types";
import { RepositoryRow } from "./repository-row";

interface Props {
  organization: string;
  repositories: readonly Repository[];
  onClone: (from: Repository) => void;
}

/** A repository a row; on a phone a card each. */
export function RepositoryTable({ organization, repositories, onClone }: Props) {
  const { t } = useTranslation("repositories");
  const header = "py-2 pe-3 text-start font-medium";
  return (
    <table aria-label={t("table.label")} className="w-full max-md:block">
      <thead className="border-b text-ink-3 text-xs max-md:sr-only">
        <tr>
          <th className={header}>{t("table.repository")}</th>
          <th className={header}>{t("table.branch")}</th>
          <th className={header}>{t("table.state")}</th>
          <th className={header}>{t("table.commit")}</th>
          <th className={`${header} max-lg:hidden`}>{t("table.size")}</th>
          <th className={`${header} max-lg:hidden`}>{t("table.looked")}</th>
          <th className="py-2">
            <span className="sr-only">{t("table.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody className="max-md:block">
        {repositories.map((repository) => (
          <RepositoryRow
            key={`${repository.workspace_id}/${repository.found.path}`}
            organization={organization}
            repository={repository}
            onClone={() => onClone(repository)}
          />
        ))}
      </tbody>
    </table>
  );
}
