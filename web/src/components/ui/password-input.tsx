import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { Input } from "./field";

/** A password with a button that shows it. */
export function PasswordInput(props: Omit<ComponentProps<"input">, "type">) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <Input {...props} dir="ltr" type={shown ? "text" : "password"} className="pe-9" />
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={t(shown ? "password.hide" : "password.show")}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
        className="absolute end-0.5 top-0.5"
      >
        {shown ? <EyeOff /> : <Eye />}
      </Button>
    </div>
  );
}
