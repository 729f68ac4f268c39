import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type GitStatus = Schemas["GitStatus"];
export type GitFile = Schemas["GitFile"];
export type GitFileDiff = Schemas["GitFileDiff"];
export type GitHunk = Schemas["GitHunk"];
export type GitCommit = Schemas["GitCommit"];
export type GitReference = Schemas["GitReference"];
export type GitDone = Schemas["GitDone"];
export type GitUndo = Schemas["GitUndo"];
export type GitCredentials = Schemas["GitCredentials"];
export type GitStoredCredential = Schemas["GitStoredCredential"];
export type GitTodo = Schemas["GitTodo"];
export type GitTodoAction = Schemas["GitTodoAction"];
export type GitResolution = Schemas["GitResolution"];
/** Between what a difference is taken. */
export type GitDiffScope = "unstaged" | "staged" | "head" | "commit";
export type GitLineRange = Schemas["GitLineRange"];
export type GitBlame = Schemas["GitBlame"];
export type GitBlameCommit = Schemas["GitBlameCommit"];
export type GitRemote = Schemas["GitRemote"];
export type GitWorktree = Schemas["GitWorktree"];
export type GitResetMode = Schemas["GitResetMode"];
export type GitSshKey = Schemas["GitSshKey"];
export type GitKnownHost = Schemas["GitKnownHost"];
export type GitStep = Schemas["GitStep"];
