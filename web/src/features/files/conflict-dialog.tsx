/** Asks what is to happen where a name is taken. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { type ConflictChoice, type ConflictQuestion, useConflict } from "./conflict";

export function ConflictDialog() {
  const question = useConflict((state) => state.question);
  return question ? (
    <Question key={`${question.name}${question.more}`} question={question} />
  ) : null;
}

function Question({ question }: { question: ConflictQuestion }) {
  const { t } = useTranslation("files");
  const [forAll, setForAll] = useState(false);
  const choose = (choice: ConflictChoice) => question.answer({ choice, forAll });
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) question.answer(undefined);
      }}
      title={t("conflict.title", { name: question.name })}
      description={t("conflict.description")}
    >
      {question.more > 0 ? (
        <DialogBody>
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              className="accent-accent"
              checked={forAll}
              onChange={(event) => setForAll(event.target.checked)}
            />
            {t("conflict.forAll", { count: question.more })}
          </label>
        </DialogBody>
      ) : null}
      <DialogFooter>
        <Button variant="ghost" onClick={() => choose("skip")}>
          {t("conflict.skip")}
        </Button>
        <Button onClick={() => choose("replace")}>{t("conflict.replace")}</Button>
        <Button variant="primary" onClick={() => choose("keep_both")}>
          {t("conflict.keepBoth")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
