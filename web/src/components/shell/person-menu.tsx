import { useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { LogOut, Settings } from "lucide-react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import { useAppearance } from "@/lib/appearance";
import { useErrorText } from "@/lib/error-text";
import { currentLanguage, LANGUAGES, type Language } from "@/lib/i18n";
import { useAccount, useMembership } from "@/lib/session";
import { forgetPerson } from "@/lib/tab-person";
import type { Theme } from "@/lib/theme";
import {
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuTrigger,
} from "../ui/menu";

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const first = [...(words[0] ?? "")][0] ?? "";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}

/** Ends the session and leads to the sign-in page. */
export function useSignOut(): () => void {
  const queryClient = useQueryClient();
  const router = useRouter();
  const errorText = useErrorText();
  const { mutate } = $api.useMutation("delete", "/api/v1/session", {
    onSuccess: async () => {
      queryClient.clear();
      await router.navigate({ to: "/sign-in", search: {} });
      forgetPerson();
    },
    onError: (error) => toast.error(errorText(error)),
  });
  return () => mutate({});
}

/** Who is signed in, their theme and language, and the way out. */
export function PersonMenu() {
  const { t } = useTranslation();
  const account = useAccount();
  const membership = useMembership();
  const { theme, chooseTheme, chooseLanguage } = useAppearance();
  const signOut = useSignOut();
  return (
    <Menu>
      <MenuTrigger
        aria-label={t("person.menu", { name: account.name })}
        data-initials={initials(account.name)}
        className="flex size-7 shrink-0 items-center justify-center rounded-full pointer-coarse:size-10 bg-accent font-medium text-[11px] text-accent-ink before:content-[attr(data-initials)]"
      />
      <MenuContent align="end" className="w-60">
        <div className="px-2 py-1.5">
          <p className="truncate font-medium">{account.name}</p>
          <p className="isolate-text truncate text-ink-2 text-xs">{account.email}</p>
          <p className="truncate text-ink-3 text-xs">
            {membership.organization_name} · {t(`role.${membership.role}`)}
          </p>
        </div>
        <MenuSeparator />
        <MenuLabel>{t("theme.label")}</MenuLabel>
        <MenuRadioGroup value={theme} onValueChange={(value) => chooseTheme(value as Theme)}>
          {(["system", "light", "dark"] as const).map((value) => (
            <MenuRadioItem key={value} value={value}>
              {t(`theme.${value}`)}
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
        <MenuLabel>{t("language.label")}</MenuLabel>
        <MenuRadioGroup
          value={currentLanguage()}
          onValueChange={(value) => chooseLanguage(value as Language)}
        >
          {Object.entries(LANGUAGES).map(([value, name]) => (
            <MenuRadioItem key={value} value={value} lang={value}>
              {name}
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
        <MenuSeparator />
        <MenuItem asChild>
          <Link to="/settings">
            <Settings aria-hidden />
            {t("place.settings")}
          </Link>
        </MenuItem>
        <MenuItem onSelect={signOut}>
          <LogOut className="flip-rtl" aria-hidden />
          {t("person.signOut")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
