/** What the exit code of `hotlane` says. */
export const EXIT = {
  done: 0,
  /** Could not start or could not stop in order. */
  failed: 1,
  /** The command line or the configuration is wrong; trying again without a change is useless. */
  usage: 2,
  /** Interrupted again while stopping: 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;
