/** Exit codes, for scripts. They are part of the contract: never renumber one. */
export const EXIT = {
  /** Done. */
  done: 0,
  /** The answer is no: refused, broken, a difference found, some rows failed. */
  no: 1,
  /** The command or the configuration is wrong: bad flags or settings, no such folder, a schema that does not fit. */
  usage: 2,
  /** What the command is about is not there. */
  not_found: 3,
  /** A fault, or something could not be reached: nothing is known of the outcome, ask again. */
  fault: 4,
} as const;

export type ExitName = keyof typeof EXIT;
export type ExitCode = (typeof EXIT)[ExitName];

export const EXIT_HELP = `
Exit codes:
  0  done
  1  the answer is no: refused, broken, a difference found, some rows failed
  2  the command or the configuration is wrong (also: no such folder, a schema that does not fit)
  3  not found
  4  a fault, or something could not be reached: ask again`;

/** Ends a command with a message for a person. Says what was received and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exit: ExitName;

  constructor(exit: ExitName, message: string) {
    super(message);
    this.exit = exit;
  }
}
