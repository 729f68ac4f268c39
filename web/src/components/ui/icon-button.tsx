import type { ReactNode } from "react";
import { Button, type ButtonProps } from "./button";
import { Tooltip } from "./tooltip";

interface IconButtonProps extends Omit<ButtonProps, "aria-label" | "children"> {
  /** The accessible name, shown as a tooltip. */
  label: string;
  children: ReactNode;
}

/** A button with only an icon: its name is its tooltip. */
export function IconButton({ label, size = "icon-sm", ...props }: IconButtonProps) {
  // Over its own menu it would be what Escape closes first.
  const expanded = props["aria-expanded"] === true || props["aria-expanded"] === "true";
  return (
    <Tooltip content={props.disabledReason ?? label} silent={expanded}>
      <Button
        variant="ghost"
        {...props}
        size={size}
        disabledReason={undefined}
        aria-disabled={props.disabledReason ? true : undefined}
        aria-label={label}
        onClick={props.disabledReason ? undefined : props.onClick}
      />
    </Tooltip>
  );
}
