import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type FoundFile = Schemas["FoundFile"];
export type FoundLine = Schemas["FoundLine"];
export type FoundMatch = Schemas["FoundMatch"];
export type SearchEvent = Schemas["SearchEvent"];
export type SearchSummary = Schemas["SearchSummary"];
export type TextSearch = Schemas["TextSearch"];
export type TextPattern = Schemas["TextPattern"];
export type FileReplace = Schemas["FileReplace"];
export type SkippedFile = Schemas["SkippedFile"];
