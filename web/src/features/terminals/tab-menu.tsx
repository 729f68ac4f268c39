/** What can be done with the terminal in front, for the pointer; the palette has the same. */
import {
  CircleDot,
  CircleStop,
  Columns2,
  Film,
  History,
  MoreVertical,
  Palette,
  Pencil,
  Rows2,
  Search,
  Settings2,
  Share2,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import type { PanelActions } from "./panel-actions";
import type { Terminal } from "./queries";

export function TabMenu({ terminal, actions }: { terminal: Terminal; actions: PanelActions }) {
  const { t } = useTranslation("terminals");
  const { t: tw } = useTranslation("workbench");
  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton label={t("menu.more")}>
          <MoreVertical />
        </IconButton>
      </MenuTrigger>
      <MenuContent align="end">
        <MenuItem onSelect={() => actions.split("end")} className="max-md:hidden">
          <Columns2 aria-hidden />
          {t("panes.splitEnd")}
        </MenuItem>
        <MenuItem onSelect={() => actions.split("bottom")} className="max-md:hidden">
          <Rows2 aria-hidden />
          {t("panes.splitBottom")}
        </MenuItem>
        <MenuSeparator />
        <MenuItem onSelect={() => actions.rename(terminal)}>
          <Pencil aria-hidden />
          {tw("terminal.rename")}
        </MenuItem>
        <MenuItem onSelect={() => actions.open("appearance")}>
          <Palette aria-hidden />
          {t("appearance.open")}
        </MenuItem>
        <MenuItem onSelect={() => actions.search(terminal)}>
          <Search aria-hidden />
          {tw("terminal.findLong")}
        </MenuItem>
        <MenuItem onSelect={() => actions.open("history")}>
          <History aria-hidden />
          {t("history.open")}
        </MenuItem>
        <MenuSeparator />
        {terminal.recording == null ? (
          <MenuItem onSelect={() => actions.record(terminal)}>
            <CircleDot aria-hidden />
            {t("recordings.begin")}
          </MenuItem>
        ) : (
          <MenuItem onSelect={() => actions.stopRecording(terminal)}>
            <CircleStop aria-hidden />
            {t("recordings.end")}
          </MenuItem>
        )}
        <MenuItem onSelect={() => actions.open("recordings")}>
          <Film aria-hidden />
          {t("recordings.open")}
        </MenuItem>
        {actions.mayShare ? (
          <MenuItem onSelect={() => actions.open("share")}>
            <Share2 aria-hidden />
            {t("share.open")}
          </MenuItem>
        ) : null}
        <MenuSeparator />
        <MenuItem onSelect={() => actions.open("settings")}>
          <Settings2 aria-hidden />
          {t("settings.open")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
