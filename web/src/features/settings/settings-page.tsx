import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "@/components/page";
import { useCommands } from "@/lib/commands";
import { AppearanceSection } from "./appearance-section";
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
  "organization",
] as const;

/** What belongs to the person, and the organization's name; between them what other features add. */
export function SettingsPage({ children }: { children?: ReactNode }) {
  const { t } = useTranslation("settings");
  useCommands(
    SECTIONS.map((section) => ({
      id: `settings.${section}`,
      title: `${t("place.settings", { ns: "common" })}: ${t(`${section}.title`)}`,
      section: t("section.go", { ns: "common" }),
      run: () => document.getElementById(section)?.scrollIntoView(),
    })),
  );
  return (
    <Page title={t("place.settings", { ns: "common" })}>
      <ProfileSection />
      <AppearanceSection />
      {children}
      <PasswordSection />
      <SessionsSection />
      <TokensSection />
      <OrganizationSection />
    </Page>
  );
}
