/** Commands of a server, and edits of a server, as commands of Monaco's. */
import type { Command, WorkspaceEdit } from "vscode-languageserver-protocol";
import { monaco } from "../../monaco";
import type { LanguageClient } from "../client";

/** What is done: first the edit, then the command. */
interface Doing {
  edit?: WorkspaceEdit | undefined;
  command?: Command | undefined;
}

const DO = "atelier.language.do";

/** Each waits here under its number, because Monaco keeps arguments as data. */
const doings = new Map<number, { client: LanguageClient; doing: Doing }>();
const DOINGS_MAX = 2000;
let next = 0;

/** Makes a command of Monaco's that does it. */
export function commandOf(client: LanguageClient, doing: Doing): monaco.languages.Command {
  next += 1;
  doings.set(next, { client, doing });
  const [oldest] = doings.keys();
  if (doings.size > DOINGS_MAX && oldest !== undefined) doings.delete(oldest);
  return { id: DO, title: doing.command?.title ?? "", arguments: [next] };
}

/** Lets commands be run; `apply` makes a server's edit. */
export function registerCommands(
  apply: (client: LanguageClient, edit: WorkspaceEdit) => Promise<boolean>,
  failed: (error: unknown) => void,
): { dispose(): void } {
  return monaco.editor.registerCommand(DO, (_accessor, id: number) => {
    const found = doings.get(id);
    if (!found) return;
    const { client, doing } = found;
    const run = async () => {
      if (doing.edit && !(await apply(client, doing.edit))) return;
      if (!doing.command) return;
      // One that Monaco has itself, by VS Code's name: more completions are wanted.
      if (doing.command.command === "editor.action.triggerSuggest") {
        const editor = monaco.editor.getEditors().find((one) => one.hasTextFocus());
        editor?.trigger("language", "editor.action.triggerSuggest", {});
        return;
      }
      await client.demand("workspace/executeCommand", {
        command: doing.command.command,
        arguments: doing.command.arguments ?? [],
      });
    };
    void run().catch(failed);
  });
}
