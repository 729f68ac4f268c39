import { useTranslation } from "react-i18next";
import { Page, Section } from "@/components/page";
import type { PreferenceSection } from "@/components/preferences/preference-section";
import { useCommands } from "@/lib/commands";
import { AppearanceSection } from "./appearance-section";
import { GitCredentialsSection } from "./git-credentials-section";
import { OrganizationSection } from "./organization-section";
import { PasswordSection } from "./password-section";
import { ProfileSection } from "./profile-section";
import { SessionsSection } from "./sessions-section";
import { TokensSection } from "./tokens-section";

const SECTIONS = [
  "profile",
  "appearance",
  "password",
  "sessions",
  "tokens",
  "gitCredentials",
  "organization",
] as const;

/** What belongs to the person, and the organization's name; between them what other features add. */
export function SettingsPage({ sections }: { sections: readonly PreferenceSection[] }) {
  const { t } = useTranslation("settings");
  const own = SECTIONS.map((id) => ({ id, title: t(`${id}.title`) }));
  useCommands(
    "go",
    [...own, ...sections].map(({ id, title }) => ({
      id: `settings.${id}`,
      title: `${t("place.settings", { ns: "common" })}: ${title}`,
      run: () => document.getElementById(id)?.scrollIntoView(),
    })),
  );
  return (
    <Page title={t("place.settings", { ns: "common" })}>
      <ProfileSection />
      <AppearanceSection />
      {sections.map(({ content, ...section }) => (
        <Section key={section.id} {...section}>
          {content}
        </Section>
      ))}
      <PasswordSection />
      <SessionsSection />
      <TokensSection />
      <GitCredentialsSection />
      <OrganizationSection />
    </Page>
  );
}
