/**
 * What a feature says to have a person merge texts. The view itself is the editor's; the page hands it to those
 * who need it, as features know nothing of each other.
 */
import type { ComponentType } from "react";

/** What is merged. */
export interface MergeTexts {
  mine: string;
  /** What both began with; undefined where each has begun for itself. */
  base: string | undefined;
  theirs: string;
}

/** The result, while it is made. */
export interface MergeResult {
  text: () => string;
  /** The text as it is now is on disk. */
  saved: () => void;
}

/** What is known of the result. */
interface MergeState {
  /** How many conflicts are not decided. */
  left: number;
  /** It is not what it began as, nor what was saved. */
  dirty: boolean;
}

/** What the sides are called here, and taking them. */
interface MergeWords {
  mine: string;
  base: string;
  theirs: string;
  takeMine: string;
  takeTheirs: string;
  takeMineFirst: string;
  takeTheirsFirst: string;
}

export interface MergeViewProps {
  path: string;
  texts: MergeTexts;
  /** What the result begins with: its conflicts stand between markers as Git writes them. */
  start: string;
  /** The result begins with something that is not on disk. */
  unsaved?: boolean;
  words: MergeWords;
  onState: (state: MergeState) => void;
  /** Given what is made; nothing when it is gone. */
  resultRef: (result: MergeResult | undefined) => void;
}

export type MergeView = ComponentType<MergeViewProps>;
