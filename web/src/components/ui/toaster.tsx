import { CircleAlert, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Toaster as Sonner } from "sonner";
import { useResolvedTheme } from "@/lib/theme";

/** Where toasts appear; call `toast` of `sonner` to show one. */
export function Toaster() {
  const { t, i18n } = useTranslation();
  return (
    <Sonner
      theme={useResolvedTheme()}
      dir={i18n.dir()}
      position={i18n.dir() === "rtl" ? "bottom-left" : "bottom-right"}
      containerAriaLabel={t("shell.notifications")}
      icons={{
        success: <CircleCheck className="size-4 text-ok" />,
        error: <CircleAlert className="size-4 text-bad" />,
      }}
      toastOptions={{
        style: {
          background: "var(--raised)",
          color: "var(--ink)",
          border: "1px solid var(--line)",
          borderRadius: "6px",
          fontFamily: "inherit",
          fontSize: "13px",
          boxShadow: "var(--shadow-raised)",
        },
        actionButtonStyle: { background: "var(--accent)", color: "var(--accent-ink)" },
      }}
    />
  );
}
