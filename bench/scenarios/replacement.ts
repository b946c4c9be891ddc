/** Workers die one after the other. How long until there are as many as there should be? */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Health } from '../../src/admin/health.ts';
import { bodyOf, type Call } from '../load/call.ts';
import { type Ending, Line, requestBytes } from '../load/line.ts';
import { boundOf, metricsOf, sumOf } from '../load/server-metrics.ts';
import { atMost } from '../report/figure.ts';
import { percentile } from '../report/percentile.ts';
import type { Server } from '../variants/server.ts';
import type { OverloadScenario } from './overload-scenario.ts';
import { variantOf, withServer } from './overload-server.ts';

const everyMs = 500;
const pollMs = 5;
const patienceMs = 20_000;
const exitCall: Call = { path: '/execute/exit/now', parameters: {}, answer: 'text' };
/** A breaker would soon refuse these calls, and no worker would die any more. */
const hosting = { plugins: ['exit'], workers: 2, pluginSettings: { exit: { breaker: false } } };

export const replacement: OverloadScenario = {
  name: 'replacement',
  summary: 'from the death of a worker until another one serves in its place',
  run: async ({ effort, progress, untilQuiet }) => {
    progress(`replacement: ${effort.deaths} deaths`);
    await untilQuiet();
    return withServer(hosting, async (server) => {
      const times: number[] = [];
      for (let death = 0; death < effort.deaths; death += 1) {
        const next = performance.now() + everyMs;
        times.push(await killOne(server));
        await sleep(Math.max(0, next - performance.now()));
      }
      const metrics = await metricsOf(server.adminPort);
      const own = boundOf(metrics, 'hotlane_worker_replacement_seconds', 0.95);
      const crashes = sumOf(metrics, 'hotlane_worker_crashes_total') ?? 0;
      return {
        figures: [
          {
            name: `from the answer to a call whose worker died to all workers serving, P95 of ${times.length}`,
            unit: 'ms',
            bound: atMost(300, 150),
            values: [percentile(times, 0.95)],
          },
        ],
        details: [
          {
            variant: 'replacement',
            title: variantOf(hosting).title,
            columns: {
              deaths: [times.length],
              'ms to all workers': times,
              'P95 ms': [percentile(times, 0.95)],
              "P95 of the server's own count, at most ms": own === undefined ? [] : [own * 1000],
            },
          },
        ],
        notes: [],
        faults: {
          replacement: crashes === times.length ? {} : { [`${crashes} deaths in the server's own count`]: 1 },
        },
        samples: { times },
      };
    });
  },
};

/** Milliseconds from the 502 until all workers serve. Rejects when the answer is another one, or nobody comes. */
async function killOne(server: Server): Promise<number> {
  const status = await statusOfExit(server.port);
  const diedAt = performance.now();
  if (status !== 502) throw new Error(`a call that ends its worker was answered with ${status}`);
  while (!(await isWhole(server))) {
    if (performance.now() - diedAt > patienceMs)
      throw new Error('nobody came in the place of the dead worker');
    await sleep(pollMs);
  }
  return performance.now() - diedAt;
}

async function statusOfExit(port: number): Promise<number> {
  const line = await Line.open(port);
  const request = requestBytes(exitCall, bodyOf(exitCall, 0));
  const ending = await new Promise<Ending>((resolve) => line.send(request, resolve));
  line.close();
  if (ending.kind === 'broken')
    throw new Error(`a call that ends its worker got no answer: ${ending.reason}`);
  return ending.status;
}

async function isWhole({ adminPort }: Server): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${adminPort}/healthz`);
  const { workers }: Pick<Health, 'workers'> = JSON.parse(await response.text());
  return workers.serving >= workers.wanted;
}
