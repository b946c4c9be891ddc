/** Where a value comes from, and what is wrong with it there. */

export type Origin =
  | { readonly from: 'flag'; readonly flag: string }
  | { readonly from: 'environment'; readonly variable: string }
  /** `key` is a path of names joined by dots; absent when the file as a whole is meant. */
  | { readonly from: 'file'; readonly path: string; readonly key?: string }
  /** A default that one command has of its own. */
  | { readonly from: 'command'; readonly command: string }
  | { readonly from: 'default' };

/** One thing to put right. `message` is a clause without a full stop. */
export interface Problem {
  readonly origin: Origin;
  readonly message: string;
}

export function describeOrigin(origin: Origin): string {
  switch (origin.from) {
    case 'flag':
      return `flag ${origin.flag}`;
    case 'environment':
      return `env ${origin.variable}`;
    case 'file':
      return origin.key === undefined ? `file ${origin.path}` : `file ${origin.path}, key ${origin.key}`;
    case 'command':
      return `default of ${origin.command}`;
    case 'default':
      return 'default';
  }
}

export function describeProblem({ origin, message }: Problem): string {
  return `${describeOrigin(origin)}: ${message}`;
}

/** Says what was expected and what was found instead, shortened to fit a line. */
export function unexpected(expected: string, found: unknown): string {
  const shown = JSON.stringify(found) ?? String(found);
  return `expected ${expected}, got ${shown.length > 60 ? `${shown.slice(0, 57)}...` : shown}`;
}
