import type { Problem } from "./messages.js";

/** The agent, or the control plane, did not do what was asked. */
export class BridgeError extends Error {
  override readonly name = "BridgeError";

  constructor(
    /** Why, in the form that errors of the API have. */
    readonly problem: Problem,
  ) {
    super(problem.detail);
  }

  /** What went wrong, for programs: `not_found`, `conflict`, `limit_reached`, … */
  get code(): Problem["code"] {
    return this.problem.code;
  }
}

/**
 * The connection was cut while something was under way, and the agent that it was sent to is gone: the
 * workspace was restarted, or the client away for too long. It may have been done, or not. It is not
 * sent again.
 */
export class OutcomeUnknownError extends Error {
  override readonly name = "OutcomeUnknownError";

  constructor(what: string) {
    super(`Nothing is known of what became of ${what}: the agent that was asked is gone.`);
  }
}

/** The bridge was closed. */
export class ClosedError extends Error {
  override readonly name = "ClosedError";
}

/** More waits to be sent than may, or a message is longer than it may be. Nothing was sent. */
export class LimitError extends Error {
  override readonly name = "LimitError";
}
