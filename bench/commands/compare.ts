/** The default command: hotlane against the baselines, judged by the bounds of every figure. */
import { scenarios } from '../scenarios/all.ts';
import type { Context, Effort, RunContext } from '../scenarios/scenario.ts';
import { variantNames } from '../variants/all.ts';
import type { Command } from './command.ts';
import { parseCompareOptions } from './compare-options.ts';
import { runScenarios } from './run-scenarios.ts';

const help = `Measures hotlane against the same plugins on other servers, in turns, in one run.

Usage: npm run bench -- [options]

  --quick               under two minutes instead of about twelve; figures are rough
  --only NAME[,NAME]    only these scenarios
  --variants NAME[,..]  only these servers: ${variantNames.slice(0, 3).join(', ')},
                        ${variantNames.slice(3).join(', ')}
  --rounds N            how often each server is measured (5, with --quick 2)
  --json FILE           write everything measured to FILE
  --help                this text

Scenarios:
${scenarios.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}

Examples:
  npm run bench -- --quick
  npm run bench -- --only echo,io --rounds 9
  npm run bench -- --only open-loop --variants inline,hotlane-2 --json latency.json

The table goes to standard output, progress to standard error. Exit code 0: every "must" is met and every
answer was right; 1: not so; 2: wrong usage. NO_COLOR is respected.`;

export const compare: Command = {
  name: 'compare',
  summary: 'hotlane against the baselines (the default)',
  help,
  run: async (args) => {
    const { effort, only, variants, jsonFile } = parseCompareOptions(args, {
      scenarios: scenarios.map(({ name }) => name),
      variants: variantNames,
    });
    const select: Context['select'] = (all) =>
      all.filter(({ name }) => variants === undefined || variants.includes(name));
    const chosen = scenarios
      .filter(({ name }) => only === undefined || only.includes(name))
      .map(({ name, run }) => ({ name, run: (context: RunContext<Effort>) => run({ ...context, select }) }));
    return runScenarios({ effort, scenarios: chosen, jsonFile });
  },
};
