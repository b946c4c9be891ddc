/**
 * Node as an operator starts it. tap hangs a loader of its own, by NODE_OPTIONS, into every process that a test
 * starts; it records which files are loaded, which nobody reads, and doubles what such a process costs.
 */

/** What comes before a script and its arguments: a program and its first arguments. */
const PREFIX: readonly [string, ...string[]] =
  process.platform === 'win32'
    ? [process.execPath]
    : ['/usr/bin/env', '-u', 'NODE_OPTIONS', process.execPath];

/** The program and all its arguments; `args` are those of Node. */
export function plainNode(...args: readonly string[]): readonly [string, string[]] {
  const [program, ...first] = PREFIX;
  return [program, [...first, ...args]];
}

/** The same for `fork()`, whose options these are. */
export function plainFork(): { readonly execPath: string; readonly execArgv: string[] } {
  const [execPath, execArgv] = plainNode();
  return { execPath, execArgv };
}
