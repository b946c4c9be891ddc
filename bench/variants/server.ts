/** A running server of one variant. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { echoCall } from '../load/call.ts';
import { singleRequest } from '../load/single-request.ts';
import { owned, stopChild } from '../process/owned.ts';
import { type Resources, resourcesOf } from '../process/resources.ts';
import { tempFolder } from '../process/temp-folder.ts';
import { reporterArgs, reporterIsNeeded, type Usage, usageOf } from '../process/usage.ts';
import { freePort } from './free-port.ts';
import type { Variant } from './variant.ts';

const startTimeoutMs = 20_000;
/** How long a server may take to end after SIGTERM. */
const stopPatienceMs = 5000;
const retryMs = 2;

export class Server {
  readonly variant: Variant;
  readonly port: number;
  readonly adminPort: number;
  /** From the process's start to its first right answer, in milliseconds. */
  readonly firstAnswerMs: number;
  /** What it prints; gone with the run's other files. */
  readonly logFile: string;
  private readonly child: ChildProcess;

  private constructor(
    variant: Variant,
    ports: { readonly port: number; readonly adminPort: number },
    firstAnswerMs: number,
    logFile: string,
    child: ChildProcess,
  ) {
    this.variant = variant;
    this.port = ports.port;
    this.adminPort = ports.adminPort;
    this.firstAnswerMs = firstAnswerMs;
    this.logFile = logFile;
    this.child = child;
  }

  /** Starts it with the node that runs the benchmark and waits until it is ready. */
  static async start(variant: Variant): Promise<Server> {
    const [port, adminPort] = [await freePort(), await freePort()];
    const logFile = join(tempFolder(variant.name), 'server.log');
    const log = openSync(logFile, 'w');
    const isAsked = reporterIsNeeded || variant.tellsResources === true;
    const startedAt = performance.now();
    const child = owned(
      spawn(process.execPath, [...(isAsked ? reporterArgs : []), ...variant.args(port, adminPort)], {
        stdio: isAsked ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      }),
    );
    closeSync(log);
    try {
      await until(child, startedAt, async () => (await singleRequest(port, echoCall, 0, 2000)) === undefined);
      const firstAnswerMs = performance.now() - startedAt;
      const { readyPath } = variant;
      if (readyPath !== undefined) {
        await until(
          child,
          startedAt,
          async () => (await fetch(`http://127.0.0.1:${adminPort}${readyPath}`)).ok,
        );
      }
      return new Server(variant, { port, adminPort }, firstAnswerMs, logFile, child);
    } catch (error) {
      await stopChild(child, stopPatienceMs);
      const printed = readFileSync(logFile, 'utf8').slice(-2000);
      throw new Error(`${variant.name} does not start: ${String(error)}\n${printed}`, { cause: error });
    }
  }

  /** Undefined once it has ended. */
  get pid(): number | undefined {
    return this.child.exitCode === null && this.child.signalCode === null ? this.child.pid : undefined;
  }

  usage(): Promise<Usage> {
    return usageOf(this.child);
  }

  /** For variants that tell them. */
  resources(): Promise<Resources> {
    return resourcesOf(this.child);
  }

  stop(): Promise<void> {
    return stopChild(this.child, stopPatienceMs);
  }
}

/** Tries until it is true; a refused connection is a "not yet". */
async function until(child: ChildProcess, startedAt: number, attempt: () => Promise<boolean>): Promise<void> {
  for (;;) {
    if (await attempt().catch(() => false)) return;
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended');
    if (performance.now() - startedAt > startTimeoutMs) throw new Error('it did not answer in time');
    await sleep(retryMs);
  }
}
