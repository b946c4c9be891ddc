/** What the exit code of `hotlane` says. */
export const EXIT = {
  done: 0,
  /** Could not start, could not stop in order, or the server failed at what it was asked. */
  failed: 1,
  /** The command line or the configuration is wrong; trying again without a change is useless. */
  usage: 2,
  /** No hotlane server answers at the admin address. */
  unreachable: 3,
  /** The plugin's new code is unfit: its author has to change it. */
  rejected: 4,
  /** The new code passed its checks, but a worker did not come up with it. */
  rolledBack: 5,
  /** There is no such plugin or version, or it is in no state for this. */
  refused: 6,
  /** Interrupted while it waited: 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

const MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.done, 'done, or nothing to do'],
  [EXIT.failed, 'something failed: standard error says what'],
  [EXIT.usage, 'the command line or the configuration is wrong'],
  [EXIT.unreachable, 'no hotlane server answers at the admin address'],
  [EXIT.rejected, 'the new code of a plugin is unfit; nothing has changed'],
  [EXIT.rolledBack, 'a worker failed with the new code; all run the old code again'],
  [EXIT.refused, 'no such plugin or version, or not possible in its state'],
  [EXIT.interrupted, 'interrupted by somebody who did not wait for the end'],
];

/** The section of the help. */
export function exitCodeHelp(): string {
  const lines = MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`);
  return ['Exit codes:', ...lines].join('\n');
}
