/**
 * A list of completions, as its server knows it. Servers may remember only the list that they were asked for
 * last (typescript-language-server does): an item of the one before, which is still shown while the next is on its way,
 * would be taken without its import.
 */
import type {
  CompletionList as Answer,
  CompletionItem,
  CompletionParams,
} from "vscode-languageserver-protocol";
import type { monaco } from "../../monaco";
import type { LanguageClient } from "../client";

type Asker = Pick<LanguageClient, "ask">;

/** What each server was asked for last. */
const last = new WeakMap<Asker, CompletionList>();

/** How often a list is asked for again for one item, where others are asked for meanwhile. */
const RENEWALS = 3;

export class CompletionList {
  items: readonly CompletionItem[] = [];
  incomplete = false;

  constructor(
    readonly client: Asker,
    private readonly params: CompletionParams,
  ) {}

  /** Asks the server for it; false where it has nothing to say. */
  async ask(token?: monaco.CancellationToken): Promise<boolean> {
    last.set(this.client, this);
    const { client, params } = this;
    const answer = await client.ask<Answer | CompletionItem[]>(
      "textDocument/completion",
      params,
      token,
    );
    if (!answer) return false;
    this.items = Array.isArray(answer) ? answer : answer.items;
    this.incomplete = !Array.isArray(answer) && answer.isIncomplete;
    return true;
  }

  /**
   * An item of it with all that the server says of it. Cannot be cancelled: Monaco gives up what it asked for when the
   * item came into focus as soon as it is taken, and takes it with the answer to that very question.
   */
  async resolve(item: CompletionItem): Promise<CompletionItem> {
    for (let time = 0; time < RENEWALS && last.get(this.client) !== this; time += 1) {
      await this.ask();
    }
    const known = this.items.includes(item) ? item : this.items.find(isLike(item));
    const asked = known ?? item;
    const resolved = await this.client.ask<CompletionItem>("completionItem/resolve", asked);
    return { ...asked, ...resolved };
  }
}

/** What a person would take for the same: one name may stand there with several sources. */
function isLike(item: CompletionItem) {
  return (other: CompletionItem) =>
    other.label === item.label &&
    other.kind === item.kind &&
    other.detail === item.detail &&
    other.labelDetails?.detail === item.labelDetails?.detail &&
    other.labelDetails?.description === item.labelDetails?.description;
}
