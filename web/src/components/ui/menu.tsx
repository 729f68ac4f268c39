import { Check } from "lucide-react";
import { DropdownMenu as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/lib/cn";
import { useHome } from "./home";

/** A menu that opens from a button. The page behind it stays in reach. */
export function Menu(props: ComponentProps<typeof Primitive.Root>) {
  return <Primitive.Root modal={false} {...props} />;
}

export const MenuTrigger = Primitive.Trigger;
export const MenuRadioGroup = Primitive.RadioGroup;

const ITEM =
  "flex min-h-8 pointer-coarse:min-h-10 cursor-default select-none items-center gap-2 rounded-sm px-2 text-sm outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:text-ink-3";

/** The floating part. */
export function MenuContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  const { mark, home } = useHome();
  return (
    <>
      {mark}
      {home ? (
        <Primitive.Portal container={home}>
          <Primitive.Content
            sideOffset={4}
            collisionPadding={8}
            {...props}
            className={cn(
              "z-50 min-w-44 animate-fade-in rounded-md border border-line bg-raised p-1 shadow-(--shadow-raised)",
              className,
            )}
          />
        </Primitive.Portal>
      ) : null}
    </>
  );
}

interface MenuItemProps extends ComponentProps<typeof Primitive.Item> {
  /** Why it cannot be used now; shown under its name. */
  disabledReason?: string | undefined;
  danger?: boolean;
}

/** One action. */
export function MenuItem({ disabledReason, danger, className, children, ...props }: MenuItemProps) {
  return (
    <Primitive.Item
      {...props}
      disabled={disabledReason !== undefined || props.disabled}
      className={cn(
        ITEM,
        danger && "text-bad [&_svg]:text-bad",
        // Its name is pale, and the reason is to be read.
        disabledReason && "data-[disabled]:opacity-100",
        className,
      )}
    >
      {disabledReason ? (
        <span className="flex flex-col py-1">
          <span className="flex items-center gap-2 opacity-50">{children}</span>
          <span className="text-ink-2 text-xs">{disabledReason}</span>
        </span>
      ) : (
        children
      )}
    </Primitive.Item>
  );
}

/** One choice of several. */
export function MenuRadioItem({
  className,
  children,
  ...props
}: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem {...props} className={cn(ITEM, "justify-between", className)}>
      {children}
      <Primitive.ItemIndicator>
        <Check aria-hidden />
      </Primitive.ItemIndicator>
    </Primitive.RadioItem>
  );
}

/** A heading inside a menu. */
export function MenuLabel({ children }: { children: ReactNode }) {
  return (
    <Primitive.Label className="px-2 pt-2 pb-1 text-ink-3 text-xs">{children}</Primitive.Label>
  );
}

export function MenuSeparator() {
  return <Primitive.Separator className="-mx-1 my-1 h-px bg-line" />;
}
