/** One mode of the benchmark, `node bench/bench.ts <name> …`. */

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What `--help` prints. */
  readonly help: string;
  /** Gives the exit code. Throws `UsageError` for arguments it does not understand. */
  run(args: readonly string[]): Promise<number>;
}

/** The caller's mistake: printed as one sentence, exit code 2. */
export class UsageError extends Error {}
