/** One run of chaos: a server, well-behaved clients, bad ones, faults, saves, and the oracle over all answers. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AdminClient } from '../../load/admin-client.ts';
import { seededRandom } from '../../load/random.ts';
import { tempFolder } from '../../process/temp-folder.ts';
import { hotlane } from '../../variants/all.ts';
import { Server } from '../../variants/server.ts';
import { PluginFile } from '../plugin-file.ts';
import { Subject } from '../subject.ts';
import { type Sample, watchResources } from '../watch-resources.ts';
import { readAftermath } from './aftermath.ts';
import type { Scene } from './caller.ts';
import { judgeChaos } from './chaos-figures.ts';
import type { ChaosReport } from './chaos-report.ts';
import { faults } from './faults.ts';
import { Flooder, neighbours } from './flooder.ts';
import { leavingGuest, slowGuest, steadyGuest } from './guests.ts';
import { Ledger } from './ledger.ts';
import { usualDeadlineMs } from './question.ts';
import { Saboteur } from './saboteur.ts';
import { GoodVersions, Saver } from './saver.ts';
import { wellBehaved } from './well-behaved.ts';

export interface ChaosOrder {
  readonly minutes: number;
  readonly seed: number;
  /** Mean time between two faults, in milliseconds. */
  readonly faultEveryMs: number;
}

/** How often a fault comes unless somebody wants it otherwise. */
export const usualFaultEveryMs = 2000;
/** Calls one worker runs at once: as many can be lost with it. */
export const concurrency = 32;

const guests = { steady: 8, slow: 2, leaving: 3 };
const progressMs = 10_000;
const lookMs = 100;

/** Tells on standard error how far it is. Ends early when the server's process does. */
export async function runChaos({ minutes, seed, faultEveryMs }: ChaosOrder): Promise<ChaosReport> {
  console.error(`seed ${seed}`);
  const folder = tempFolder('plugins');
  const good = new GoodVersions();
  const files = [...wellBehaved, ...faults, ...neighbours].map((plugin) => {
    const file = new PluginFile(plugin, folder);
    good.add(plugin.name, file.first.version);
    return file;
  });
  const server = await startServer(folder);
  const { pid } = server;
  if (pid === undefined) throw new Error('the server has ended before it was asked');
  try {
    const begun = performance.now();
    const ending = new AbortController();
    const stop = AbortSignal.any([ending.signal, AbortSignal.timeout(minutes * 60_000)]);
    const ledger = new Ledger();
    const scene: Scene = {
      port: server.port,
      ledger,
      isGood: (plugin, version) => good.has(plugin, version),
      stop,
    };
    // Each has a chance of its own, or the speed of one would decide about the others.
    let streams = 0;
    const chance = () => seededRandom(seed * 1000 + streams++);
    const admin = new AdminClient(server.adminPort);
    const saved = files.filter(({ plugin }) => wellBehaved.some(({ name }) => name === plugin.name));
    const saver = new Saver({
      subjects: saved.map((file) => new Subject(file, admin)),
      good,
      random: chance(),
      stop,
      hangUp: () => server.pid !== undefined && process.kill(pid, 'SIGHUP'),
    });
    const flooder = new Flooder(scene, chance());
    const saboteur = new Saboteur(scene, chance(), faultEveryMs);
    const samples: Sample[] = [];
    const over = new AbortController();
    const watching = watchResources(server, samples, over.signal);
    const progress = setInterval(
      () => console.error(progressLine(begun, ledger, saboteur, samples)),
      progressMs,
    );
    const clients = [
      ...many(guests.steady, () => steadyGuest(scene, chance())),
      ...many(guests.slow, () => slowGuest(scene, chance())),
      ...many(guests.leaving, () => leavingGuest(scene, chance())),
      flooder.run(),
      saboteur.run(),
    ];
    const saving = saver.run().then(() => undefined, String);
    while (!stop.aborted) {
      if (server.pid === undefined) ending.abort();
      await sleep(lookMs);
    }
    await Promise.all(clients);
    const stuck = server.pid === undefined ? undefined : await saving;
    const aftermath = server.pid === undefined ? undefined : await readAftermath(server.adminPort);
    clearInterval(progress);
    over.abort();
    await watching;
    const facts = {
      seed,
      minutes: (performance.now() - begun) / 60_000,
      injected: saboteur.injected,
      floods: flooder.floods,
      saves: saver.outcomes,
      stuck,
      resources: samples,
      aftermath,
      hasDied: server.pid === undefined,
      concurrency,
    };
    const verdict = judgeChaos({ ...facts, ledger });
    const { kinds, refusals, departures, faults: wrongs } = ledger;
    return {
      ...facts,
      ...verdict,
      kinds: Object.fromEntries(kinds),
      refusals,
      departures,
      faults: wrongs,
      logFile: server.logFile,
    };
  } finally {
    await server.stop();
  }
}

function many(count: number, start: () => Promise<void>): readonly Promise<void>[] {
  return Array.from({ length: count }, start);
}

/**
 * Limits low enough to be reached within seconds, circuits that open and close while one looks, and as few workers
 * as leave one when the other is lost.
 */
function startServer(plugins: string): Promise<Server> {
  const usual = hotlane(2);
  return Server.start({
    ...usual,
    tellsResources: true,
    args: (port, adminPort) =>
      [
        usual.args(port, adminPort),
        ['--plugins', plugins, '--state-dir', tempFolder('state')],
        ['--concurrency', String(concurrency), '--timeout-ms', String(usualDeadlineMs)],
        ['--worker-heap-mb', '64', '--worker-memory-mb', '192'],
        ['--breaker-window-ms', '5000', '--breaker-pause-ms', '2000'],
      ].flat(),
  });
}

function progressLine(begun: number, ledger: Ledger, saboteur: Saboteur, samples: readonly Sample[]): string {
  const seconds = String(Math.round((performance.now() - begun) / 1000)).padStart(5);
  const last = samples.at(-1);
  return (
    `${seconds} s  ${ledger.sum('asked')} calls, ${ledger.sum('died')} died with their workers, ` +
    `${Object.values(ledger.faults).reduce((sum, times) => sum + times, 0)} lost or wrong, ` +
    `${saboteur.count} faults injected; ${last?.residentMB.toFixed(0)} MB, ${last?.threads} threads`
  );
}
