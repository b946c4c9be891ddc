/** The plugin `counted`: its calls, and what it has written about them. */
import { pbkdf2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Call } from '../load/call.ts';
import { tempFolder } from '../process/temp-folder.ts';
import type { Hosting } from './overload-server.ts';
import { type Execution, readExecutions } from './overload-verdict.ts';

const trialRounds = 5000;
const trials = 20;

/** Calls with smaller numbers are those of generators that send the same text again and again. */
export const firstSerial = 1_000_000;

/** A call that computes for so long on an idle core. */
export function computeCall(ms: number): Call {
  return { path: '/execute/counted/compute', parameters: { rounds: roundsOf(ms) }, answer: 'text' };
}

/** A call that waits for so long. */
export function waitCall(ms: number): Call {
  return { path: '/execute/counted/wait', parameters: { ms }, answer: 'text' };
}

/** The fastest of some trials, as any may be interrupted. Blocks for some 50 ms. */
function roundsOf(ms: number): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < trials; trial += 1) {
    const start = performance.now();
    pbkdf2Sync('text', 'salt', trialRounds, 32, 'sha256');
    fastest = Math.min(fastest, performance.now() - start);
  }
  return Math.round((trialRounds / fastest) * ms);
}

/** What hosting it takes, and how to read what it has written since the last time. */
export function countedPlugin(): {
  readonly hosting: Pick<Hosting, 'plugins' | 'pluginSettings'>;
  readonly executions: () => readonly Execution[];
} {
  const log = join(tempFolder('executions'), 'log');
  let read = 0;
  return {
    hosting: { plugins: ['counted'], pluginSettings: { counted: { config: { log } } } },
    executions: () => {
      const text = readFileSync(log, 'utf8');
      const news = text.slice(read);
      read = text.length;
      return readExecutions(news, firstSerial);
    },
  };
}
