/** Runs the real executable. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { plainNode } from '../support/plain-node.ts';

export const executable = fileURLToPath(new URL('../../src/cli/hotlane.js', import.meta.url));

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Surroundings {
  /** The whole environment. */
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** Told what comes on standard output, as it comes; `type` answers on standard input. */
  readonly onOutput?: (text: string, type: (keys: string) => void) => void;
}

/** Runs `hotlane` to its end. */
export function hotlane(args: readonly string[], surroundings?: Surroundings): Promise<Run> {
  return run(...plainNode(executable, ...args), surroundings);
}

/** The program of util-linux that gives a command a terminal. */
const script = '/usr/bin/script';
/** Whether `hotlaneAtTerminal` can be used here. */
export const hasTerminal = process.platform === 'linux' && existsSync(script);

/** The same at a terminal; what is seen there, standard error included, comes as standard output. */
export function hotlaneAtTerminal(
  args: readonly string[],
  { env = {}, ...rest }: Surroundings = {},
): Promise<Run> {
  const words = plainNode(executable, ...args)
    .flat()
    .map((word) => `'${word}'`);
  // In the shell's place, so that the exit code is its own.
  const command = `exec ${words.join(' ')}`;
  const terminal = { TERM: 'xterm-256color', SHELL: '/bin/sh', ...env };
  return run(script, ['--quiet', '--return', '--command', command, '/dev/null'], { ...rest, env: terminal });
}

async function run(
  program: string,
  args: readonly string[],
  { env = {}, cwd = '/', onOutput }: Surroundings = {},
): Promise<Run> {
  const child = spawn(program, args, { env, cwd, timeout: 30_000 });
  if (onOutput !== undefined) {
    child.stdout.on('data', (bytes) => onOutput(String(bytes), (keys) => child.stdin.write(keys)));
  }
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { exitCode, stdout, stderr };
}
