import { AlertDialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";

interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: ReactNode;
  /** The verb of what will happen: "Revoke token". */
  action: string;
  pending: boolean;
  onConfirm: () => void;
}

/** Asks before something that cannot be undone. Focus starts on "Cancel". */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { t } = useTranslation();
  return (
    <Primitive.Root open={props.open} onOpenChange={props.onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 animate-fade-in bg-overlay" />
        <Primitive.Content className="fixed inset-x-4 top-[20vh] z-40 mx-auto max-w-sm animate-rise-in rounded-md border border-line bg-raised p-4 shadow-(--shadow-raised)">
          <Primitive.Title className="font-semibold text-base">{props.title}</Primitive.Title>
          <Primitive.Description className="mt-1 text-ink-2 text-sm">
            {props.description}
          </Primitive.Description>
          <div className="mt-4 flex justify-end gap-2">
            <Primitive.Cancel asChild>
              <Button>{t("action.cancel")}</Button>
            </Primitive.Cancel>
            <Button variant="danger" pending={props.pending} onClick={props.onConfirm}>
              {props.action}
            </Button>
          </div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
