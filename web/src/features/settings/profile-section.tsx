import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { Section } from "@/components/page";
import { accountView, useAccount } from "@/lib/session";
import { NameForm } from "./name-form";

/** The person's name. */
export function ProfileSection() {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const account = useAccount();
  const update = $api.useMutation("patch", "/api/v1/me", {
    onSuccess: (changed) => queryClient.setQueryData(accountView().queryKey, changed),
  });
  return (
    <Section id="profile" title={t("profile.title")} description={t("profile.detail")}>
      <p className="mb-3 text-ink-2">
        {t("profile.email")} <bdi className="font-medium text-ink">{account.email}</bdi>
      </p>
      <NameForm
        label={t("profile.name")}
        value={account.name}
        save={(name) => update.mutateAsync({ body: { name } })}
      />
    </Section>
  );
}
