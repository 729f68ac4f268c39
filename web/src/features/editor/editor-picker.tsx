/** Lists over the editor: language, encoding, line endings, indentation of the active text. */
import { Command as Primitive } from "cmdk";
import { Check } from "lucide-react";
import { Dialog } from "radix-ui";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import type { MonacoBuffer } from "./monaco";
import { usePickerItems } from "./picker-items";
import type { EditorSession } from "./session";

export function EditorPicker({ session }: { session: EditorSession }) {
  const { t } = useTranslation("editor");
  const picker = useStore(session.state, (state) => state.picker);
  const path = useStore(session.state, (state) => state.activePath);
  const content = useStore(session.state, ({ contents }) => contents[path ?? ""]);
  const buffer = content?.kind === "text" ? (content.buffer as MonacoBuffer) : undefined;
  const items = usePickerItems(session, picker, buffer);
  if (!picker) return null;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && session.pick(undefined)}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 animate-fade-in bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-4 top-[12vh] z-50 mx-auto max-w-md animate-rise-in overflow-hidden rounded-md border border-line bg-raised shadow-(--shadow-raised)"
        >
          <Dialog.Title className="px-3 pt-2 font-medium text-ink-2 text-xs">
            {t(`picker.${picker}`)}
          </Dialog.Title>
          <Primitive label={t(`picker.${picker}`)} loop>
            <Primitive.Input
              placeholder={t("picker.filter")}
              className="h-10 w-full border-b bg-transparent px-3 text-base outline-none placeholder:text-ink-3"
            />
            <Primitive.Empty className="p-4 text-ink-2">{t("picker.empty")}</Primitive.Empty>
            <Primitive.List
              label={t(`picker.${picker}`)}
              className="max-h-[50vh] overflow-y-auto p-1"
            >
              {items.map((item) => (
                <Primitive.Item
                  key={item.id}
                  value={item.id}
                  keywords={[item.title, ...(item.keywords ?? [])]}
                  onSelect={() => {
                    session.pick(undefined);
                    item.run();
                  }}
                  className="flex min-h-8 cursor-default items-center justify-between gap-4 rounded-sm px-2 data-[selected=true]:bg-hover"
                >
                  <bdi>{item.title}</bdi>
                  {item.current ? (
                    <Check aria-label={t("picker.current")} className="size-4" />
                  ) : null}
                </Primitive.Item>
              ))}
            </Primitive.List>
          </Primitive>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
