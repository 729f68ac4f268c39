import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { Section } from "@/components/page";
import { accountView, roleAtLeast, useMembership } from "@/lib/session";
import { NameForm } from "./name-form";

/** The organization's name; admins change it. */
export function OrganizationSection() {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const { organization_id, organization_name, role } = useMembership();
  const update = $api.useMutation("patch", "/api/v1/organizations/{organization}", {
    onSuccess: () => queryClient.invalidateQueries({ queryKey: accountView().queryKey }),
  });
  return (
    <Section
      id="organization"
      title={t("organization.title")}
      description={t("organization.detail")}
    >
      <NameForm
        label={t("organization.name")}
        value={organization_name}
        disabledReason={roleAtLeast(role, "admin") ? undefined : t("organization.forbidden")}
        save={(name) =>
          update.mutateAsync({
            params: { path: { organization: organization_id } },
            body: { name },
          })
        }
      />
    </Section>
  );
}
