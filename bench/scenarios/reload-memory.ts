/** What many rolls leave behind: memory, threads, file descriptors, handles. */
import { setTimeout as sleep } from 'node:timers/promises';
import { echoCall } from '../load/call.ts';
import { NumberedClients } from '../load/numbered-clients.ts';
import type { Resources } from '../process/resources.ts';
import { atMost } from '../report/figure.ts';
import { resourceCharts } from '../report/resource-charts.ts';
import { median } from '../report/spread.ts';
import type { ReloadScenario } from './reload-scenario.ts';
import { ReloadServer } from './reload-server.ts';

/** Some traffic, so that workers are in use when they go. */
const clients = 4;
const pauseMs = 5;
/** Code is still being compiled, and the heap still finding its size. */
const warmupRolls = 30;
/** Rolls between two samples. */
const usualStep = 10;
/** Before each sample: time for the last of the old threads to go. */
const restMs = 500;
/** At either end of the curve, their median counts. */
const endSamples = 3;

export const reloadMemory: ReloadScenario = {
  name: 'memory',
  summary: 'growth of the resident set over many rolls, with threads, descriptors and handles',
  run: async ({ effort, progress }) => {
    const step = Math.max(1, Math.min(usualStep, Math.floor(effort.memoryRolls / 10)));
    const samples: Resources[] = [];
    const server = await ReloadServer.start({ tellsResources: true });
    try {
      const load = await NumberedClients.start({
        port: server.server.port,
        call: echoCall,
        clients,
        pauseMs,
        versionFault: (version) => server.saved.versionFault(version),
      });
      const warmup = Math.min(warmupRolls, effort.memoryRolls);
      progress(`memory: ${warmup} rolls to warm up`);
      for (let roll = 1; roll <= warmup; roll += 1) await server.roll();
      for (let roll = 0; roll <= effort.memoryRolls; roll += 1) {
        if (roll > 0) await server.roll();
        if (roll % step !== 0) continue;
        await sleep(restMs);
        const sample = await server.server.resources();
        samples.push(sample);
        progress(`memory: ${roll} of ${effort.memoryRolls} rolls, ${sample.residentMB.toFixed(1)} MB`);
      }
      const report = await load.stop();

      const curve = (value: (sample: Resources) => number) => samples.map(value);
      const resident = curve(({ residentMB }) => residentMB);
      const growth = median(resident.slice(-endSamples)) - median(resident.slice(0, endSamples));
      const { name, title } = server.server.variant;
      return {
        figures: [
          {
            name: `growth of the resident set over ${effort.memoryRolls} rolls`,
            unit: 'MB',
            bound: atMost(20, 5),
            values: [growth],
          },
        ],
        details: [
          {
            variant: name,
            title,
            columns: {
              'resident, MB': resident,
              threads: curve(({ threads }) => threads),
              descriptors: curve(({ descriptors }) => descriptors),
              handles: curve(({ handles }) => handles),
              requests: [report.requests],
            },
          },
        ],
        notes: [],
        charts: resourceCharts(samples),
        faults: { [name]: report.faults },
        samples: { ...report, step, resources: samples },
      };
    } finally {
      await server.stop();
    }
  },
};
