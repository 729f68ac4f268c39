/** Preferences kept in this browser, in the shape of those that are kept with the account. */
import * as z from "zod/mini";
import { create } from "zustand";

interface PreferenceSpace<Values extends object> {
  namespace: string;
  /** The values; a default for each that is not set or makes no sense. */
  read: (document: unknown) => Values;
}

const useDocuments = create<Record<string, object>>(() => ({}));
const keyOf = (namespace: string) => `atelier.preferences.${namespace}`;

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
  useDocuments.setState({ [namespace]: stored(namespace) });
  return { namespace, read: (document) => z.parse(schema, document ?? {}) };
}

function stored(namespace: string): object {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(namespace)) ?? "{}");
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The values of a space, and how to change some of them. */
export function usePreferences<Values extends object>(
  space: PreferenceSpace<Values>,
): [Values, (change: Partial<Values>) => void] {
  const document = useDocuments((state) => state[space.namespace]);
  const change = (values: Partial<Values>) => {
    const next = { ...document, ...values };
    localStorage.setItem(keyOf(space.namespace), JSON.stringify(next));
    useDocuments.setState({ [space.namespace]: next });
  };
  return [space.read(document), change];
}

/** The same outside of components: the values now. */
export function currentPreferences<Values extends object>(space: PreferenceSpace<Values>): Values {
  return space.read(useDocuments.getState()[space.namespace]);
}
