/**
 * A Redis server of the test's own: nothing on disk, a free port, gone with the test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

const NAME = 'redis-server';

/** For tap's `skip`: false where the server is installed, else why the test is left out. */
export const WITHOUT_REDIS: string | false = (process.env['PATH'] ?? '')
  .split(delimiter)
  .some((folder) => existsSync(join(folder, NAME)))
  ? false
  : `${NAME} is not installed`;

export interface RedisServer {
  readonly url: string;
  /** It keeps its connections and says nothing any more. */
  pause(): void;
  resume(): void;
}

export async function startRedis(
  teardown: (work: () => Promise<void>) => void,
  { port, password }: { readonly port?: number; readonly password?: string } = {},
): Promise<RedisServer> {
  const chosen = port ?? (await freePort());
  const child = spawn(
    NAME,
    [
      '--port',
      String(chosen),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      ...(password === undefined ? [] : ['--requirepass', password]),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  teardown(() => ended(child));
  await ready(child);
  return {
    url: `redis://127.0.0.1:${chosen}`,
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function ready({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) throw new Error('its output is not read');
  for await (const line of createInterface(stdout)) {
    if (line.includes('Ready to accept connections')) {
      stdout.resume();
      return;
    }
  }
  throw new Error(`${NAME} has ended at once`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
