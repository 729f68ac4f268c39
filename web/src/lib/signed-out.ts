/** What is forgotten when a person signs out: whoever signs in next in this tab must not see it. */

const forgetting = new Set<() => void>();

/** Has `forget` called when the person has signed out, for what is not in the tab's own storage. */
export function whenSignedOut(forget: () => void): void {
  forgetting.add(forget);
}

/** Forgets the person, once no page of theirs is shown any more. */
export function forgetPerson(): void {
  for (const forget of forgetting) forget();
  sessionStorage.clear();
}
