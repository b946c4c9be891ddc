/** What the server still holds when nobody asks any more, and what it counted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerMetrics } from './server-metrics.ts';

export interface Aftermath {
  /** How many of each are still there; all must be gone. */
  readonly held: Readonly<Record<string, number>>;
  /** Worker threads that ended by themselves or were ended. */
  readonly workersLost: number;
  /** From the loss of a worker to its replacement serving, in milliseconds. */
  readonly replacementP95Ms: number | undefined;
}

/** The longest call into native code has ended by then. */
const patienceMs = 15_000;
const pollMs = 200;

/** Waits until nothing is held, or too long. Undefined: the server has gone. */
export async function readAftermath(adminPort: number): Promise<Aftermath | undefined> {
  const giveUpAt = performance.now() + patienceMs;
  for (;;) {
    const metrics = await ServerMetrics.read(adminPort).catch(() => undefined);
    if (metrics === undefined) return undefined;
    const held = heldIn(metrics);
    const isRid = Object.values(held).every((count) => count === 0);
    if (isRid || performance.now() > giveUpAt) return { held, ...lossesIn(metrics) };
    await sleep(pollMs);
  }
}

function heldIn(metrics: ServerMetrics): Aftermath['held'] {
  const count = (name: string, labels = {}) => metrics.total(name, labels) ?? Number.NaN;
  return {
    'calls in flight': count('hotlane_calls_in_flight'),
    'calls in the queue': count('hotlane_queue_depth'),
    'lingering slots': count('hotlane_lingering_slots'),
    'threads that do not end': count('hotlane_workers', { state: 'terminating' }),
  };
}

function lossesIn(metrics: ServerMetrics): Omit<Aftermath, 'held'> {
  const crashes = metrics.total('hotlane_worker_crashes_total') ?? 0;
  const terminations = metrics.total('hotlane_worker_terminations_total') ?? 0;
  const seconds = metrics.quantile('hotlane_worker_replacement_seconds', 0.95);
  return {
    workersLost: crashes + terminations,
    replacementP95Ms: seconds === undefined ? undefined : seconds * 1000,
  };
}
