/** An icon by kind: quiet, so that the names are read. */
import {
  Braces,
  File,
  FileCode,
  FileImage,
  FileLock,
  FileSymlink,
  FileTerminal,
  FileText,
  Folder,
  FolderOpen,
  FolderSymlink,
  type LucideIcon,
} from "lucide-react";
import { isDirectory } from "./order";
import type { FileEntry } from "./queries";

const CODE =
  /\.(rs|tsx?|jsx?|mjs|cjs|py|go|c|h|cc|cpp|hpp|java|kt|rb|php|cs|swift|lua|css|scss|html?|vue|svelte|sql)$/i;
const DATA = /\.(json|jsonc|ya?ml|toml|xml|ini|env|csv)$/i;
const TEXT = /\.(md|mdx|txt|rst|adoc|log)$|^(README|LICENSE|CHANGELOG)/i;
const IMAGE = /\.(png|jpe?g|gif|webp|avif|svg|ico|bmp)$/i;
const SHELL = /\.(sh|bash|zsh|fish)$|^(Makefile|Dockerfile|justfile)$/i;
const LOCK = /(\.lock|-lock\.(json|yaml))$/i;

function iconOf(entry: FileEntry, open: boolean): LucideIcon {
  if (isDirectory(entry)) {
    if (entry.kind === "symlink") return FolderSymlink;
    return open ? FolderOpen : Folder;
  }
  if (entry.kind === "symlink") return FileSymlink;
  if (LOCK.test(entry.name)) return FileLock;
  if (CODE.test(entry.name)) return FileCode;
  if (DATA.test(entry.name)) return Braces;
  if (SHELL.test(entry.name)) return FileTerminal;
  if (IMAGE.test(entry.name)) return FileImage;
  return TEXT.test(entry.name) ? FileText : File;
}

export function FileIcon({ entry, open }: { entry: FileEntry; open: boolean }) {
  const Icon = iconOf(entry, open);
  return <Icon className="size-4 shrink-0 text-ink-3" strokeWidth={1.75} aria-hidden />;
}
