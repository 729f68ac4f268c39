import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { IconButton } from "./icon-button";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** A sentence under the title; read out with it. */
  description?: ReactNode;
  children: ReactNode;
  /** Wider for galleries and diffs. */
  className?: string;
  /** Takes the focus when the dialog has closed; true where it did, else whoever had it before gets it back. */
  onClosed?: (() => boolean) | undefined;
}

/**
 * The first field, rather than the close button, which comes first in the document. Where there is none, the
 * dialog itself: the button would show its tooltip, which then took the first Escape.
 */
function focusFirstField(event: Event): void {
  const dialog = event.currentTarget instanceof HTMLElement ? event.currentTarget : undefined;
  if (!dialog) return;
  event.preventDefault();
  const field = dialog.querySelector<HTMLElement>("[autofocus], input, select, textarea");
  (field ?? dialog).focus();
}

/** What an editor in the dialog has open over its text. */
const EDITOR_WIDGETS =
  ".monaco-editor .suggest-widget.visible, .monaco-editor .find-widget.visible";

/** A field that records keys is left with Escape, an editor's widget closed, and the dialog around them is not. */
function keepForInside(event: KeyboardEvent): void {
  const { target } = event;
  if (!(target instanceof Element)) return;
  const editor = target.closest('[role="dialog"] .monaco-editor');
  if (
    target.closest('[data-keys="record"]') ||
    (editor && document.querySelector(EDITOR_WIDGETS))
  ) {
    event.preventDefault();
  }
}

/** A dialog that keeps the focus inside and gives it back when it closes. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  className,
  onClosed,
}: DialogProps) {
  const { t } = useTranslation();
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 animate-fade-in bg-overlay" />
        <Primitive.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={focusFirstField}
          onCloseAutoFocus={(event) => {
            if (onClosed?.()) event.preventDefault();
          }}
          onEscapeKeyDown={keepForInside}
          className={cn(
            "fixed inset-x-0 bottom-0 z-40 mx-auto flex max-h-[92dvh] w-full flex-col rounded-t-md border border-line bg-raised shadow-(--shadow-raised) sm:top-[10vh] sm:bottom-auto sm:max-h-[80vh] sm:max-w-md sm:rounded-md",
            "animate-rise-in",
            className,
          )}
        >
          <div className="flex items-start justify-between gap-4 border-b px-4 py-3">
            <div className="min-w-0">
              <Primitive.Title className="font-semibold text-base">{title}</Primitive.Title>
              {description ? (
                <Primitive.Description className="mt-0.5 text-ink-2 text-sm">
                  {description}
                </Primitive.Description>
              ) : null}
            </div>
            <Primitive.Close asChild>
              <IconButton label={t("action.close")}>
                <X />
              </IconButton>
            </Primitive.Close>
          </div>
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

/** The scrolling middle of a dialog. */
export function DialogBody({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={cn("min-h-0 flex-1 overflow-y-auto p-4", className)}>{children}</div>;
}

/** The buttons of a dialog, the main one last. */
export function DialogFooter({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-end gap-2 border-t px-4 py-3">
      {children}
    </div>
  );
}
