/** Is any request lost or answered wrongly while workers roll? */
import { setTimeout as sleep } from 'node:timers/promises';
import { echoCall } from '../load/call.ts';
import { NumberedClients } from '../load/numbered-clients.ts';
import { atMost } from '../report/figure.ts';
import type { ReloadScenario } from './reload-scenario.ts';
import { ReloadServer, type Roll } from './reload-server.ts';

const clients = 32;
/** Rolls after which the aim counts as reached. */
const rollsOfTheAim = 500;
const lookMs = 20;
/** How long no request at all may be answered. */
const stillMs = 10_000;

export const reloadLosses: ReloadScenario = {
  name: 'losses',
  summary: `every answer checked while workers roll under ${clients} keep-alive clients at full speed`,
  run: async ({ effort, progress, untilQuiet }) => {
    const server = await ReloadServer.start();
    try {
      progress(`losses: ${effort.rolls} rolls, at least ${effort.requests} requests`);
      await untilQuiet();
      const load = await NumberedClients.start({
        port: server.server.port,
        call: echoCall,
        clients,
        pauseMs: 0,
        versionFault: (version) => server.saved.versionFault(version),
      });
      const rolls: Roll[] = [];
      // Spread over the whole load, so that as many requests as possible meet a roll.
      for (let roll = 1; roll <= effort.rolls; roll += 1) {
        await answered(load, (effort.requests * roll) / (effort.rolls + 1));
        rolls.push(await server.roll());
        if (roll % 10 === 0) progress(`losses: ${roll} rolls, ${load.requests} requests`);
      }
      await answered(load, effort.requests);
      const report = await load.stop();

      const { requests, seconds, faults, reconnects } = report;
      const { title } = server.server.variant;
      const name = `${rolls.length} rolls under ${clients} keep-alive clients, ${(requests / 1e6).toFixed(2)} M requests`;
      return {
        figures: [
          {
            name: `${name}: lost or wrong`,
            unit: '',
            bound: atMost(0, 0),
            values: [sum(Object.values(faults))],
          },
          { name: 'same: reconnects', unit: '', bound: atMost(0, 0), values: [reconnects] },
        ],
        details: [
          {
            variant: server.server.variant.name,
            title,
            columns: {
              requests: [requests],
              'requests/s': [requests / seconds],
              rolls: [rolls.length],
              'save to end of roll, ms': rolls.map(({ tookMs }) => tookMs),
            },
          },
        ],
        notes: rolls.length < rollsOfTheAim ? [`the aim is meant for --rolls ${rollsOfTheAim}`] : [],
        faults: { [server.server.variant.name]: faults },
        samples: { ...report, rolls },
      };
    } finally {
      await server.stop();
    }
  },
};

/** Rejects when the clients get no answers any more. */
async function answered(load: NumberedClients, requests: number): Promise<void> {
  let [last, changedAt] = [load.requests, performance.now()];
  while (load.requests < requests) {
    await sleep(lookMs);
    if (load.requests !== last) [last, changedAt] = [load.requests, performance.now()];
    else if (performance.now() - changedAt > stillMs) throw new Error('the server answers no more');
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
