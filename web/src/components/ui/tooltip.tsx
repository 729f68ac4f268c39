import { Tooltip as Primitive } from "radix-ui";
import { type ReactNode, useState } from "react";

interface TooltipProps {
  content: ReactNode;
  side?: "top" | "bottom" | "left" | "right";
  /** It is not shown for now. */
  silent?: boolean;
  /** One element that takes a ref and props. */
  children: ReactNode;
}

/** A short text beside an element on hover and focus. */
export function Tooltip({ content, side = "top", silent = false, children }: TooltipProps) {
  const [open, setOpen] = useState(false);
  return (
    <Primitive.Root open={open && !silent} onOpenChange={setOpen}>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          side={side}
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-w-72 animate-fade-in rounded-md border border-line bg-raised px-2 py-1 text-ink text-xs shadow-(--shadow-raised)"
        >
          {content}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

export const TooltipProvider = Primitive.Provider;
