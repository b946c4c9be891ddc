/** The real server as a process of its own: the HTTP library is native code, and its crash ends the process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { owned, stopChild } from '../../../bench/process/owned.ts';
import { tempFolder } from '../../../bench/process/temp-folder.ts';
import { plainNode } from '../../support/plain-node.ts';

const COMMAND = fileURLToPath(new URL('../../../src/cli/hotlane.js', import.meta.url));
const PLUGINS = fileURLToPath(new URL('../plugins', import.meta.url));
/** What a stopping server grants to requests; with none left it does not need it. */
const DRAIN_MS = 3000;

const ARGS = [
  [COMMAND, 'start', '--port', '0', '--admin-port', '0', '--plugins', PLUGINS, '--no-hot-reload'],
  ['--workers', '2', '--log-level', 'info', '--drain-ms', String(DRAIN_MS)],
].flat();

export class ServerProcess {
  readonly port: number;
  readonly adminUrl: string;
  private readonly child: ChildProcess;
  /** Lines of the log that tell of a fault, which no request may cause. */
  private readonly faults: string[];

  private constructor(child: ChildProcess, faults: string[], port: number, adminUrl: string) {
    this.child = child;
    this.faults = faults;
    this.port = port;
    this.adminUrl = adminUrl;
  }

  static async start(): Promise<ServerProcess> {
    const child = owned(
      spawn(...plainNode(...ARGS, '--state-dir', tempFolder('state')), {
        env: {},
        stdio: ['ignore', 'ignore', 'pipe'],
      }),
    );
    const faults: string[] = [];
    const serving = Promise.withResolvers<{ url: string; adminUrl: string }>();
    child.once('exit', (code, signal) =>
      serving.reject(new Error(`the server ended with ${code ?? signal}`)),
    );
    createInterface(child.stderr).on('line', (line) => {
      const entry = logEntry(line);
      if (entry === undefined || ['error', 'fatal'].includes(entry.level) || /cut off/.test(line))
        faults.push(line);
      if (entry?.url !== undefined && entry.adminUrl !== undefined)
        serving.resolve({ url: entry.url, adminUrl: entry.adminUrl });
    });
    const { url, adminUrl } = await serving.promise;
    return new ServerProcess(child, faults, Number(new URL(url).port), adminUrl);
  }

  /** How it ended, if it has. */
  get death(): string | undefined {
    const { exitCode, signalCode } = this.child;
    return exitCode === null && signalCode === null ? undefined : `it ended with ${exitCode ?? signalCode}`;
  }

  /** Lines of faults since the last time. */
  takeFaults(): string[] {
    return this.faults.splice(0);
  }

  /** Stops it in order; what is wrong about how it went, if anything. */
  async stop(): Promise<string | undefined> {
    await stopChild(this.child, 2 * DRAIN_MS + 5000);
    if (this.child.exitCode !== 0) return `stopped by SIGTERM, ${this.death ?? 'it lives on'}`;
    return this.faults.at(0);
  }
}

interface LogEntry {
  readonly level: string;
  readonly url: string | undefined;
  readonly adminUrl: string | undefined;
}

/** Undefined: not a line of our log, so somebody else's words on the way down. */
function logEntry(line: string): LogEntry | undefined {
  try {
    const { level, url, adminUrl }: Record<string, unknown> = JSON.parse(line);
    return { level: String(level), url: text(url), adminUrl: text(adminUrl) };
  } catch {
    return undefined;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
