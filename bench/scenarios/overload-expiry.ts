/** Calls that expire while they wait: is one of them executed all the same, for nobody? */
import { runGenerator } from '../load/node-generator.ts';
import type { StreamsReport } from '../load/streams.ts';
import { atMost } from '../report/figure.ts';
import { computeCall, countedPlugin, firstSerial } from './overload-counted.ts';
import type { OverloadScenario } from './overload-scenario.ts';
import { variantOf, withServer } from './overload-server.ts';
import { faultsOfExecutions, tally } from './overload-verdict.ts';

const timeoutMs = 200;
/** Three times what two workers can do, or more. */
const ratePerSecond = 1200;

export const overloadExpiry: OverloadScenario = {
  name: 'expiry',
  summary: `calls that expire in the queue, as nothing is refused by expected wait and the deadline is ${timeoutMs} ms`,
  run: async ({ effort, progress, untilQuiet }) => {
    const counted = countedPlugin();
    const args = ['--timeout-ms', String(timeoutMs), '--start-budget-ms', '0', '--no-breaker'];
    const hosting = { ...counted.hosting, workers: 2, args };
    await untilQuiet();
    progress(`expiry: ${effort.overloadSeconds} s`);
    const report = await withServer(hosting, ({ port }) => {
      const phase = { ratePerSecond, ms: effort.overloadSeconds * 1000, seed: 1 };
      const stream = { name: 'calls', call: computeCall(5), arrivals: 'poisson' as const, phases: [phase] };
      const order = { port, streams: [stream], firstSerial, exact: false, goesFirst: true, graceMs: 3000 };
      return runGenerator<StreamsReport>('stream-sender-process.ts', order, effort.overloadSeconds);
    });
    const calls = report.calls.calls ?? [];
    const executions = counted.executions();
    const wrong = faultsOfExecutions(calls, executions);
    const count = (status: number) => calls.filter((call) => call.status === status).length;
    return {
      figures: [
        {
          name: 'calls executed after they had expired or been refused, or twice',
          unit: '',
          // Without any that expire there is nothing to see.
          bound: atMost(0, 0),
          values: count(504) === 0 ? [] : [wrong.length],
        },
      ],
      details: [
        {
          variant: 'expiry',
          title: `5 ms of computing; ${variantOf(hosting).title}`,
          columns: {
            calls: [calls.length],
            answered: [count(200)],
            refused: [count(503)],
            expired: [count(504)],
            executed: [executions.length],
          },
        },
      ],
      notes: [],
      faults: { expiry: tally(wrong) },
      samples: { executions: executions.length, answers: tally(calls.map(({ status }) => String(status))) },
    };
  },
};
