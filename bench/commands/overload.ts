/** `overload`: what too many calls, bad neighbours and dying workers cost the others. */
import { neighbour } from '../scenarios/neighbour.ts';
import { overload as goodput } from '../scenarios/overload.ts';
import { overloadDeaths } from '../scenarios/overload-deaths.ts';
import { overloadExpiry } from '../scenarios/overload-expiry.ts';
import type { OverloadScenario } from '../scenarios/overload-scenario.ts';
import { protectionCost } from '../scenarios/protection-cost.ts';
import { replacement } from '../scenarios/replacement.ts';
import type { Command } from './command.ts';
import { parseOverloadOptions } from './overload-options.ts';
import { runScenarios } from './run-scenarios.ts';

/** In the order of the report. */
const scenarios: readonly OverloadScenario[] = [
  goodput,
  overloadExpiry,
  neighbour,
  replacement,
  protectionCost,
];

const help = `Measures what faults, overload and bad neighbours cost; hotlane with 2 workers.

Usage: npm run bench -- overload [options]

  --quick            two minutes instead of about six; figures are rough
  --only NAME[,NAME] only these scenarios
  --rounds N         how often each is measured (3, with --quick 1)
  --deaths N         workers that die for the time of a replacement (30, with --quick 10)
  --json FILE        write everything measured to FILE
  --help             this text

Scenarios:
${scenarios.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}

The table goes to standard output, progress to standard error. Exit code 0: every "must" is met and every
answer was right; 1: not so; 2: wrong usage. NO_COLOR is respected.`;

export const overload: Command = {
  name: 'overload',
  summary: 'more calls than can be done, bad neighbours, dying workers: what it costs the others',
  help,
  run: async (args) => {
    const { effort, only, jsonFile } = parseOverloadOptions(
      args,
      scenarios.map(({ name }) => name),
    );
    const chosen = scenarios.filter(({ name }) => only === undefined || only.includes(name));
    return runScenarios({ effort, scenarios: [...chosen, overloadDeaths], jsonFile });
  },
};
