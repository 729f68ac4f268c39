import { cva, type VariantProps } from "class-variance-authority";
import type { ComponentProps } from "react";
import { cn } from "@/lib/cn";

const button = cva(
  "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-md border font-medium transition-colors [&_svg]:size-4 [&_svg]:shrink-0 disabled:opacity-50 aria-disabled:cursor-default aria-disabled:opacity-50",
  {
    variants: {
      variant: {
        primary: "border-transparent bg-accent text-accent-ink hover:bg-accent-hover",
        secondary: "border-line-strong bg-surface text-ink hover:bg-hover",
        ghost: "border-transparent bg-transparent text-ink-2 hover:bg-hover hover:text-ink",
        danger: "border-transparent bg-bad-fill text-white hover:opacity-90",
        link: "border-transparent bg-transparent px-0 text-accent-text underline-offset-2 hover:underline",
      },
      size: {
        // A finger needs 40 px.
        md: "h-8 px-3 text-sm pointer-coarse:h-10",
        sm: "h-7 px-2 text-xs pointer-coarse:h-10",
        icon: "size-8 p-0 pointer-coarse:size-10",
        "icon-sm": "size-7 p-0 pointer-coarse:size-10",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export interface ButtonProps extends ComponentProps<"button">, VariantProps<typeof button> {
  /** Shows that the action is under way; the button cannot be pressed again meanwhile. */
  pending?: boolean | undefined;
  /** Why it cannot be used now. The button stays focusable, so that the reason can be heard. */
  disabledReason?: string | undefined;
}

/** A button. Icon-only ones need an `aria-label`. */
export function Button(props: ButtonProps) {
  const { variant, size, pending, disabledReason, className, onClick, children, ...rest } = props;
  const blocked = pending || disabledReason !== undefined;
  return (
    <button
      type="button"
      {...rest}
      className={cn(button({ variant, size }), className)}
      title={disabledReason ?? rest.title}
      aria-disabled={blocked || rest["aria-disabled"] || undefined}
      aria-busy={pending || undefined}
      onClick={(event) => {
        if (blocked) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {children}
    </button>
  );
}

/** The look of a button, for links. */
export const buttonClass = button;
