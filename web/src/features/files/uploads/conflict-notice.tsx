/** Asks what becomes of an upload whose name is taken. The others go on meanwhile. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { shownPath } from "@/lib/shown-path";
import { visibleName } from "../names";
import type { UploadChoice, UploadSession } from "./session";
import type { Upload } from "./work";

export function ConflictNotice({ session, upload }: { session: UploadSession; upload: Upload }) {
  const { t } = useTranslation("files");
  const [forAll, setForAll] = useState(false);
  const choose = (choice: UploadChoice) => session.choose(upload, choice, forAll);
  return (
    <div role="alert" className="flex flex-col gap-1.5 rounded-md border border-line p-2">
      <p className="break-words">
        {t("upload.taken", { name: visibleName(shownPath(upload.path)) })}
      </p>
      <label className="flex items-center gap-2 text-xs">
        <input
          type="checkbox"
          className="accent-accent"
          checked={forAll}
          onChange={(event) => setForAll(event.target.checked)}
        />
        {t("upload.forAll")}
      </label>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => choose("replace")}>
          {t("conflict.replace")}
        </Button>
        <Button size="sm" onClick={() => choose("keep_both")}>
          {t("conflict.keepBoth")}
        </Button>
        <Button size="sm" variant="ghost" onClick={() => choose("skip")}>
          {t("conflict.skip")}
        </Button>
      </div>
    </div>
  );
}
