/**
 * Preferences: what a person has set, the same on every device (docs/decisions/0013). A feature
 * defines a space of its own with {@link definePreferences} and uses it with {@link usePreferences}.
 */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import * as z from "zod/mini";
import { queryClient } from "@/api/query-client";
import type { Preference } from "@/api/types";
import { cachedPreferences, preferenceList } from "./preference-cache";
import { changeDocument, type Document, usePending } from "./preference-writer";

/** A namespace of preferences, with what its values may be. */
export interface PreferenceSpace<Values extends object> {
  namespace: string;
  /** The values; a default for each that is not set or makes no sense. */
  read: (document: Document | undefined) => Values;
}

/** A key with its default: what is stored and makes no sense counts as not set. */
export function setting<Schema extends z.ZodMiniType>(
  schema: Schema,
  fallback: z.output<Schema> & z.core.util.Writeable<z.output<Schema>>,
) {
  return z.catch(schema, fallback);
}

/** Defines a namespace; each key of the shape is made with {@link setting}. */
export function definePreferences<Shape extends z.core.$ZodLooseShape>(
  namespace: string,
  shape: Shape,
): PreferenceSpace<z.output<z.ZodMiniObject<Shape>>> {
  const schema = z.object(shape);
  return { namespace, read: (document) => z.parse(schema, document ?? {}) };
}

function documentIn(items: readonly Preference[] | undefined, namespace: string) {
  return items?.find((item) => item.namespace === namespace)?.value;
}

/**
 * The values of a space, and how to change some of them. A change is seen at once, sent, and
 * repeated where another device has changed something else meanwhile; `undefined` brings a key's
 * default back.
 */
export function usePreferences<Values extends object>(
  space: PreferenceSpace<Values>,
): [Values, (change: { [Key in keyof Values]?: Values[Key] | undefined }) => void] {
  const { namespace } = space;
  const { data } = useQuery(preferenceList());
  const pending = usePending((state) => state[namespace]);
  const document = documentIn(data?.items, namespace);
  const values = useMemo(() => space.read({ ...document, ...pending }), [space, document, pending]);
  return [values, (change) => changeDocument(namespace, change)];
}

/** The same outside of components: the values now. */
export function currentPreferences<Values extends object>(space: PreferenceSpace<Values>): Values {
  const { queryKey } = preferenceList();
  const items = queryClient.getQueryData(queryKey)?.items ?? cachedPreferences();
  const pending = usePending.getState()[space.namespace];
  return space.read({ ...documentIn(items, space.namespace), ...pending });
}
