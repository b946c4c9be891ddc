/** Memory at rest, and what a long run of requests leaves behind. */
import { setTimeout as sleep } from 'node:timers/promises';
import { echoCall } from '../load/call.ts';
import { fastest } from '../load/generators.ts';
import { atMost } from '../report/figure.ts';
import { hotlane, inline } from '../variants/all.ts';
import { Server } from '../variants/server.ts';
import type { Variant } from '../variants/variant.ts';
import type { Context, Scenario } from './scenario.ts';

/** Before each reading: time to collect garbage and give memory back. */
const restMs = 2000;
/** How long the requests of one server may take. */
const patienceMs = 180_000;
const mebibyte = 2 ** 20;

interface MemorySample {
  readonly restMB: number;
  readonly afterMB: number;
  readonly requests: number;
  readonly faults: Readonly<Record<string, number>>;
}

export const memory: Scenario = {
  name: 'memory',
  summary: 'resident memory at rest, and its growth after a million requests',
  run: async (context) => {
    const variants = context.select([inline, hotlane(2)]);
    const samples = new Map<string, MemorySample>();
    for (const variant of variants) samples.set(variant.name, await measure(context, variant));
    const own = samples.get(hotlane(2).name);
    const count = (context.effort.memoryRequests / 1e6).toLocaleString('en');
    return {
      figures: [
        {
          name: 'memory: RSS at rest, 2 workers',
          unit: 'MB',
          bound: atMost(180, 120),
          values: own === undefined ? [] : [own.restMB],
        },
        {
          name: `memory: growth after ${count} M requests`,
          unit: 'MB',
          bound: atMost(40, 10),
          values: own === undefined ? [] : [own.afterMB - own.restMB],
        },
      ],
      details: variants.map(({ name, title }) => {
        const sample = samples.get(name);
        return {
          variant: name,
          title,
          columns:
            sample === undefined
              ? {}
              : {
                  'at rest, MB': [sample.restMB],
                  'after, MB': [sample.afterMB],
                  requests: [sample.requests],
                },
        };
      }),
      notes: [],
      faults: Object.fromEntries([...samples].map(([name, { faults }]) => [name, faults])),
      samples: Object.fromEntries(samples),
    };
  },
};

async function measure(context: Context, variant: Variant): Promise<MemorySample> {
  const server = await Server.start(variant);
  const faults: Record<string, number> = {};
  let requests = 0;
  try {
    context.progress(`memory: ${variant.name} at rest`);
    await sleep(restMs);
    const restMB = (await server.usage()).residentBytes / mebibyte;
    const giveUpAt = performance.now() + patienceMs;
    while (requests < context.effort.memoryRequests) {
      if (performance.now() > giveUpAt) throw new Error(`${variant.name} is too slow for this scenario`);
      context.progress(`memory: ${variant.name}, ${requests} requests`);
      const report = await fastest({
        port: server.port,
        call: echoCall,
        connections: 64,
        seconds: context.effort.seconds,
      });
      requests += report.requests;
      for (const [reason, times] of Object.entries(report.faults))
        faults[reason] = (faults[reason] ?? 0) + times;
    }
    await sleep(restMs);
    return { restMB, afterMB: (await server.usage()).residentBytes / mebibyte, requests, faults };
  } finally {
    await server.stop();
  }
}
