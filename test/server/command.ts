/**
 * The real command in a process of its own, from the first line of its log to its exit code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { plainNode } from '../support/plain-node.ts';

const executable = fileURLToPath(new URL('../../src/cli/hotlane.js', import.meta.url));

/** It may never come to serve. */
export interface Launched {
  /** Every line of the log so far. */
  readonly log: readonly {
    readonly level: string;
    readonly msg: string;
    readonly [field: string]: unknown;
  }[];
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code once the process has ended; null: a signal ended it. */
  readonly exited: Promise<number | null>;
}

export interface Command extends Launched {
  readonly url: string;
  readonly adminUrl: string;
  readonly port: number;
}

interface Addresses {
  readonly url: string;
  readonly adminUrl: string;
}

/** `hotlane start` on free ports with these arguments. `preload`: a module that node loads first. */
export function launchCommand(
  t: Test,
  args: readonly string[],
  preload?: string,
): Launched & { readonly serving: Promise<Addresses> } {
  const all = [executable, 'start', '--port', '0', '--admin-port', '0', ...args];
  const flags = preload === undefined ? [] : ['--require', preload];
  const child = spawn(...plainNode(...flags, ...all), { env: {}, stdio: ['ignore', 'ignore', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  const log: Launched['log'][number][] = [];
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  const serving = Promise.withResolvers<Addresses>();
  serving.promise.catch(() => undefined);
  createInterface(child.stderr).on('line', (line) => {
    const entry = JSON.parse(line);
    log.push(entry);
    if (typeof entry.url === 'string') serving.resolve(entry);
  });
  void exited.then((code) => serving.reject(new Error(`it ended with code ${code}: ${JSON.stringify(log)}`)));
  return { log, kill: (signal) => child.kill(signal), exited, serving: serving.promise };
}

/** The same; resolves when it serves. */
export async function startCommand(t: Test, args: readonly string[]): Promise<Command> {
  const { serving, ...launched } = launchCommand(t, args);
  const { url, adminUrl } = await serving;
  return { ...launched, url, adminUrl, port: Number(new URL(url).port) };
}
