/** A list of places to go to: symbols by their names, or the calls of a function. */
import { useQuery } from "@tanstack/react-query";
import { Command as Primitive } from "cmdk";
import { Dialog } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/error-state";
import { shownPath } from "@/lib/shown-path";
import type { EditorSession } from "../session";
import type { LanguageQuestions, NamedPlace } from "./store";

interface PlacesDialogProps {
  kind: "symbols" | "calls";
  questions: LanguageQuestions;
  session: EditorSession;
  onClose: () => void;
}

export function PlacesDialog({ kind, questions, session, onClose }: PlacesDialogProps) {
  const { t } = useTranslation("editor");
  const [text, setText] = useState("");
  // Where the cursor was when the dialog came.
  const [at] = useState(() => session.state.getState());
  const cursor = at.status?.cursor;
  const query = kind === "symbols" ? text : "";
  const places = useQuery({
    queryKey: ["languages", kind, session.host, query, at.activePath, cursor],
    queryFn: async (): Promise<[string, NamedPlace[]][]> => {
      if (kind === "symbols") return [["", await questions.symbols(query)]];
      if (at.activePath === undefined || !cursor) return [];
      const { incoming, outgoing } = await questions.calls(at.activePath, cursor);
      return [
        [t("calls.incoming"), incoming],
        [t("calls.outgoing"), outgoing],
      ];
    },
    enabled: kind === "calls" || query.trim() !== "",
    staleTime: 0,
    placeholderData: (previous) => previous,
  });
  const title = t(kind === "symbols" ? "symbols.title" : "calls.title");
  const none = places.data?.every(([, list]) => list.length === 0);
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-50 animate-fade-in bg-overlay" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-2 top-[10vh] z-50 mx-auto max-w-xl animate-rise-in overflow-hidden rounded-md border border-line bg-raised shadow-(--shadow-raised)"
        >
          <Dialog.Title className="px-3 pt-2 font-medium text-ink-2 text-xs">{title}</Dialog.Title>
          <Primitive label={title} loop shouldFilter={kind === "calls"}>
            <Primitive.Input
              value={text}
              onValueChange={setText}
              placeholder={t(kind === "symbols" ? "symbols.placeholder" : "picker.filter")}
              className="h-10 w-full border-b bg-transparent px-3 text-base outline-none placeholder:text-ink-3"
            />
            {places.isError ? (
              <ErrorState
                error={places.error}
                onRetry={() => void places.refetch()}
                retrying={places.isFetching}
              />
            ) : null}
            {none && !places.isError ? (
              <p role="status" className="p-4 text-ink-2">
                {t(`${kind}.none`)}
              </p>
            ) : null}
            {places.isError ? null : (
              <Primitive.List
                label={title}
                hidden={none}
                className="max-h-[50vh] overflow-y-auto p-1"
              >
                {places.data?.map(([heading, list]) => (
                  <Primitive.Group
                    key={heading}
                    {...(heading && list.length > 0 ? { heading } : {})}
                    className="[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-ink-3 [&_[cmdk-group-heading]]:text-xs"
                  >
                    {list.map((place) => (
                      <PlaceItem
                        key={keyOf(heading, place)}
                        id={keyOf(heading, place)}
                        place={place}
                        onSelect={() => {
                          onClose();
                          session.open(place.path, { line: place.line, column: place.column });
                        }}
                      />
                    ))}
                  </Primitive.Group>
                ))}
              </Primitive.List>
            )}
          </Primitive>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function keyOf(heading: string, { name, path, line, column }: NamedPlace): string {
  return `${heading} ${name} ${path}:${line}:${column}`;
}

function PlaceItem(props: { id: string; place: NamedPlace; onSelect: () => void }) {
  const { name, detail, path, line } = props.place;
  return (
    <Primitive.Item
      value={props.id}
      onSelect={props.onSelect}
      className="flex min-h-8 cursor-default items-baseline gap-2 rounded-sm px-2 py-1 data-[selected=true]:bg-hover pointer-coarse:min-h-11"
    >
      <bdi dir="ltr" className="shrink-0 font-mono text-sm">
        {name}
      </bdi>
      <bdi dir="ltr" className="min-w-0 truncate text-ink-3 text-xs">
        {detail}
      </bdi>
      <bdi dir="ltr" className="ms-auto min-w-0 truncate text-ink-3 text-xs">
        {shownPath(path)}:{line}
      </bdi>
    </Primitive.Item>
  );
}
