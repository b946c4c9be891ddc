/** How soon a saved version answers, and for how long the one before it still does. */
import { echoCall } from '../load/call.ts';
import { NumberedClients } from '../load/numbered-clients.ts';
import type { Sighting } from '../load/sightings.ts';
import { measureLatency } from '../measure/latency.ts';
import { atMost } from '../report/figure.ts';
import { percentile } from '../report/percentile.ts';
import type { ReloadScenario } from './reload-scenario.ts';
import { ReloadServer, type Roll } from './reload-server.ts';

const connections = 64;
const warmupMs = 1000;
const capacityMs = 3000;
/** Between rolls: what they hold up must be caught up before the next, or there would be more load than half. */
const restMs = 1000;
/** The last roll begins so long before the load ends, or its first answers might not be seen. */
const marginMs = 2500;

export const reloadSwitch: ReloadScenario = {
  name: 'switch',
  summary: 'time from a save to the first answer of the new version and the last of the old, at half load',
  run: async ({ effort, progress, untilQuiet }) => {
    const server = await ReloadServer.start();
    try {
      progress('switch: measuring capacity');
      await untilQuiet();
      const capacity = await capacityOf(server);
      const first = await server.roll();
      const ratePerSecond = Math.round(capacity / 2);
      progress(`switch: saves under ${ratePerSecond} requests/s for ${effort.switchSeconds} s`);
      await untilQuiet();
      const measureMs = effort.switchSeconds * 1000;
      const rolling = server.rollUntil(performance.now() + warmupMs + measureMs - marginMs, restMs);
      const latency = await measureLatency(server.server, {
        call: echoCall,
        connections,
        arrivals: 'poisson',
        ratePerSecond,
        warmupMs,
        measureMs,
        seed: 1,
        contentEvery: 1,
      });
      const rolls = await rolling;
      const switches = switchesOf([first, ...rolls], latency.versions);
      const unseen = switches.filter(({ firstMs }) => Number.isNaN(firstMs)).length;
      const firsts = switches.map(({ firstMs }) => firstMs);
      const lasts = switches.map(({ lastOldMs }) => lastOldMs);
      return {
        figures: [
          {
            name: 'save to the first answer of the new version, half load: P95',
            unit: 'ms',
            bound: atMost(600, 250),
            values: [percentile(firsts, 0.95)],
          },
          {
            name: 'save to the last answer of the old version, half load: P95',
            unit: 'ms',
            bound: atMost(1200, 500),
            values: [percentile(lasts, 0.95)],
          },
        ],
        details: [
          {
            variant: server.server.variant.name,
            title: server.server.variant.title,
            columns: {
              'requests/s': [ratePerSecond],
              rolls: [rolls.length],
              'first new, ms': firsts,
              'last old, ms': lasts,
              'P99 ms': [latency.p99Ms],
            },
          },
        ],
        notes: [`half of ${Math.round(capacity)} requests/s, which the same sender reached without pauses`],
        faults: {
          [server.server.variant.name]: {
            ...latency.faults,
            ...(unseen > 0 ? { 'a rolled version never answered': unseen } : {}),
          },
        },
        samples: { capacity, latency, rolls, switches },
      };
    } finally {
      await server.stop();
    }
  },
};

/** Requests per second that clients without pauses get answered. Warms the server up as well. */
async function capacityOf(server: ReloadServer): Promise<number> {
  const load = await NumberedClients.start({
    port: server.server.port,
    call: echoCall,
    clients: connections,
    pauseMs: 0,
    versionFault: (version) => server.saved.versionFault(version),
  });
  await new Promise((resolve) => setTimeout(resolve, capacityMs));
  const { requests, seconds } = await load.stop();
  return requests / seconds;
}

interface Switch {
  readonly version: string;
  /** From the save to the first answer of this version; NaN: there was none. */
  readonly firstMs: number;
  /** From the save to the last answer of the version before; NaN: it never answered. */
  readonly lastOldMs: number;
}

/**
 * The switches from each of `rolls` to the next. `versions`: when which was seen, by `X-Plugin-Version`.
 */
export function switchesOf(
  rolls: readonly Pick<Roll, 'version' | 'atMs'>[],
  versions: Readonly<Record<string, Sighting>>,
): readonly Switch[] {
  const seen = new Map(Object.entries(versions).map(([name, sighting]) => [name.split('@')[0], sighting]));
  return rolls.slice(1).map(({ version, atMs }, index) => ({
    version,
    firstMs: (seen.get(version)?.firstMs ?? Number.NaN) - atMs,
    lastOldMs: (seen.get(rolls[index]?.version)?.lastMs ?? Number.NaN) - atMs,
  }));
}
