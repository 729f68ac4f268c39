import { Boxes, FolderGit2, ListChecks, ScrollText, Server, Settings, Users } from "lucide-react";

/** The places of the rail, in order. */
export const PLACES = [
  { to: "/", label: "place.workspaces", icon: Boxes, exact: true },
  { to: "/repositories", label: "place.repositories", icon: FolderGit2, exact: false },
  { to: "/servers", label: "place.servers", icon: Server, exact: false },
  { to: "/jobs", label: "place.jobs", icon: ListChecks, exact: false },
  { to: "/members", label: "place.members", icon: Users, exact: false },
  { to: "/audit", label: "place.audit", icon: ScrollText, exact: false },
  { to: "/settings", label: "place.settings", icon: Settings, exact: false },
] as const;
