/** What the exit code of `hotlane` says. */
export const EXIT = {
  done: 0,
  /** Could not start, could not stop in order, or the server failed at what it was asked. */
  failed: 1,
  /** The command line or the configuration is wrong; trying again without a change is useless. */
  usage: 2,
  /** No hotlane server answers at the address. */
  unreachable: 3,
  /** The plugin's new code, or its OpenAPI document, is unfit: its author has to change it. */
  rejected: 4,
  /** The new code passed its checks, but a worker did not come up with it. */
  rolledBack: 5,
  /** There is no such plugin or version, or it is in no state for this, or what was called answers with an error. */
  refused: 6,
  /** Interrupted while it waited: 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

const MEANINGS: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.done, 'done, or nothing to do'],
  [EXIT.failed, 'something failed: standard error says what'],
  [EXIT.usage, 'the command line or the configuration is wrong'],
  [EXIT.unreachable, 'no hotlane server answers at the address'],
  [EXIT.rejected, 'the new code or the document of a plugin is unfit; nothing has changed'],
  [EXIT.rolledBack, 'a worker failed with the new code; all run the old code again'],
  [
    EXIT.refused,
    'no such plugin, tool or version, not possible in its state, or what was called answers with an error',
  ],
  [EXIT.interrupted, 'interrupted by somebody who did not wait for the end'],
];

/** The section of the help. */
export function exitCodeHelp(): string {
  const lines = MEANINGS.map(([code, meaning]) => `  ${String(code).padEnd(3)}  ${meaning}`);
  return ['Exit codes:', ...lines].join('\n');
}
