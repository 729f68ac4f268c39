/** The question what is to happen where a name is taken, and its answer. */
import { create } from "zustand";

/** As the API writes it (`NameConflict`). */
export type ConflictChoice = "replace" | "keep_both" | "skip";

interface ConflictAnswer {
  choice: ConflictChoice;
  /** It is meant for all that follow, too. */
  forAll: boolean;
}

export interface ConflictQuestion {
  /** What is taken, for people. */
  name: string;
  /** How many more there are. */
  more: number;
  answer: (answer: ConflictAnswer | undefined) => void;
}

/** The one question that is open; others wait for their turn. */
export const useConflict = create<{ question: ConflictQuestion | undefined }>(() => ({
  question: undefined,
}));

let turn: Promise<unknown> = Promise.resolve();

/** Asks the person. Nothing where they give it up. */
function askConflict(name: string, more: number): Promise<ConflictAnswer | undefined> {
  const asked = turn.then(
    () =>
      new Promise<ConflictAnswer | undefined>((resolve) => {
        const answer = (given: ConflictAnswer | undefined) => {
          useConflict.setState({ question: undefined });
          resolve(given);
        };
        useConflict.setState({ question: { name, more, answer } });
      }),
  );
  turn = asked;
  return asked;
}

/** Items with what was chosen for them; those for which nothing was chosen are left out. */
export async function chooseForEach<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  ask = askConflict,
): Promise<Map<ConflictChoice, Item[]>> {
  const chosen = new Map<ConflictChoice, Item[]>();
  for (const [index, item] of items.entries()) {
    const answer = await ask(nameOf(item), items.length - index - 1);
    if (!answer) break;
    const meant = answer.forAll ? items.slice(index) : [item];
    chosen.set(answer.choice, [...(chosen.get(answer.choice) ?? []), ...meant]);
    if (answer.forAll) break;
  }
  return chosen;
}
