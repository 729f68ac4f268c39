import { WORKSPACE_NAME_MAX } from "./limits";

/** The last part of a repository's address without `.git`: what its clone is called. */
export function repositoryName(url: string): string {
  const path = url
    .trim()
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/i, "");
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(path)?.[0] ?? "";
  const name = path.slice(scheme.length).split(/[/:]/).at(-1) ?? "";
  return [...name].slice(0, WORKSPACE_NAME_MAX).join("");
}

/** `base`, or `base-2`, `base-3`, … : the first that is not taken. */
export function freeName(base: string, taken: ReadonlySet<string>): string {
  if (base === "" || !taken.has(base)) return base;
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`;
    const name = [...base].slice(0, WORKSPACE_NAME_MAX - suffix.length).join("") + suffix;
    if (!taken.has(name)) return name;
  }
}
