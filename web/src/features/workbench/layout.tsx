import { createContext, type ReactNode, useContext, useState } from "react";
import { useStore } from "zustand";
import { createLayoutStore, type LayoutState, type LayoutStore } from "./layout-store";

const LayoutContext = createContext<LayoutStore | undefined>(undefined);

/** Gives a workspace's page, or a server's, its layout. */
export function LayoutProvider({ host, children }: { host: string; children: ReactNode }) {
  const [store] = useState(() => createLayoutStore(host));
  return <LayoutContext value={store}>{children}</LayoutContext>;
}

/** Where the panels stand, and how to change it. */
export function useLayout(): LayoutState {
  const store = useContext(LayoutContext);
  if (!store) throw new Error("useLayout stands outside of a LayoutProvider");
  return useStore(store);
}
