/** One soak: a server, traffic, an operator, and somebody who looks at the server's memory. */
import { AdminClient } from '../load/admin-client.ts';
import { seededRandom } from '../load/random.ts';
import { tempFolder } from '../process/temp-folder.ts';
import { hotlane } from '../variants/all.ts';
import { Server } from '../variants/server.ts';
import { judgeMemory } from './memory-verdict.ts';
import { Operator } from './operator.ts';
import { PluginFile } from './plugin-file.ts';
import type { SoakReport } from './report-lines.ts';
import { soakedPlugins } from './soaked-plugin.ts';
import { Subject } from './subject.ts';
import { Traffic } from './traffic.ts';
import { type Sample, watchResources } from './watch-resources.ts';

const clients = 16;
/** Longest rest of a client between calls: the server shall have work, and the machine some left for rolls. */
const pauseMs = 12;
const progressMs = 10_000;

/** Tells on standard error how far it is. Ends early when an operation does not end as it must. */
export async function runSoak(minutes: number, seed: number): Promise<SoakReport> {
  console.error(`seed ${seed}`);
  const folder = tempFolder('plugins');
  const files = soakedPlugins.map((plugin) => new PluginFile(plugin, folder));
  const server = await startServer(folder);
  try {
    const admin = new AdminClient(server.adminPort);
    const subjects = files.map((file) => new Subject(file, admin));
    await Promise.all(subjects.map((subject) => subject.untilServes(subject.current)));
    const traffic = await Traffic.start({
      port: server.port,
      clients,
      pauseMs,
      random: seededRandom(seed + 1),
      lineages: new Map(subjects.map(({ name, lineage }) => [name, lineage])),
    });
    const begun = performance.now();
    const stop = AbortSignal.timeout(minutes * 60_000);
    const operator = new Operator(subjects, seededRandom(seed), stop);
    const samples: Sample[] = [];
    const over = new AbortController();
    const watching = watchResources(server, samples, over.signal);
    const timer = setInterval(() => console.error(progressLine(traffic, operator, samples)), progressMs);
    const stuck = await operator.run().then(() => undefined, String);
    clearInterval(timer);
    over.abort();
    await watching;
    const report = await traffic.stop();
    const memory = judgeMemory(samples);
    const isRight = Object.keys(report.faults).length === 0 && stuck === undefined;
    return {
      seed,
      minutes: (performance.now() - begun) / 60_000,
      traffic: report,
      operations: operator.outcomes,
      stuck,
      resources: samples,
      memory,
      passed: isRight && memory.kind !== 'grows',
    };
  } finally {
    await server.stop();
  }
}

/** Two workers, as few as can roll one after the other. */
function startServer(plugins: string): Promise<Server> {
  const usual = hotlane(2);
  return Server.start({
    ...usual,
    tellsResources: true,
    args: (port, adminPort) => [
      ...usual.args(port, adminPort),
      '--plugins',
      plugins,
      '--state-dir',
      tempFolder('state'),
    ],
  });
}

function progressLine(traffic: Traffic, operator: Operator, samples: readonly Sample[]): string {
  const { calls, faults } = traffic.report;
  const wrong = Object.values(faults).reduce((sum, times) => sum + times, 0);
  const last = samples.at(-1);
  const seconds = String(Math.round(performance.now() / 1000)).padStart(5);
  return (
    `${seconds} s  ${calls} calls, ${wrong} lost or wrong, ${operator.count} operations; ` +
    `${last?.residentMB.toFixed(0)} MB, ${last?.threads} threads, ${last?.descriptors} descriptors`
  );
}
