/** Whose tab this is: what it keeps of a person, nobody must see who signs in here after them. */

const KEY = "atelier.person";

const forgetting = new Set<() => void>();

/** Has `forget` called when the person goes, for what is not in the tab's own storage. */
export function whenPersonGoes(forget: () => void): void {
  forgetting.add(forget);
}

/** Forgets the person, once no page of theirs is shown any more. */
export function forgetPerson(): void {
  for (const forget of forgetting) forget();
  sessionStorage.clear();
}

/** Says who is here. Another than before, whose session ran out perhaps, is forgotten first. */
export function welcomePerson(account: string): void {
  try {
    const before = sessionStorage.getItem(KEY);
    if (before === account) return;
    if (before !== null) forgetPerson();
    sessionStorage.setItem(KEY, account);
  } catch {
    // The storage is blocked, and then nothing is kept in it.
  }
}
