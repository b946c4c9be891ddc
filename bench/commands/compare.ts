/** The default command: hotlane against the baselines, judged by the bounds of every figure. */
import { writeFileSync } from 'node:fs';
import { busyCpuSeconds, stolenCpuSeconds } from '../process/machine-cpu.ts';
import { QuietGate } from '../process/quiet.ts';
import { describeMachine } from '../report/machine.ts';
import { figureLines, judgeAll, machineLines, passes, scenarioLines } from '../report/print.ts';
import { scenarios } from '../scenarios/all.ts';
import type { Context, ScenarioResult } from '../scenarios/scenario.ts';
import { variantNames } from '../variants/all.ts';
import type { Command } from './command.ts';
import { parseCompareOptions } from './compare-options.ts';

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
    const gate = new QuietGate(effort.quietBudgetMs);
    const context: Context = {
      effort,
      select: (all) => all.filter(({ name }) => variants === undefined || variants.includes(name)),
      untilQuiet: () => gate.pass(),
      progress: (text) =>
        console.error(`${String(Math.round(performance.now() / 1000)).padStart(4)} s  ${text}`),
    };
    const machine = describeMachine();
    const cpuBefore = { busy: busyCpuSeconds(), stolen: stolenCpuSeconds() };
    const startedAt = new Date().toISOString();
    const results = new Map<string, ScenarioResult>();
    for (const scenario of scenarios) {
      if (only === undefined || only.includes(scenario.name)) {
        results.set(scenario.name, await scenario.run(context).catch(failed));
      }
    }

    const stolen = stolenCpuSeconds() - cpuBefore.stolen;
    const stolenShare = stolen / (stolen + busyCpuSeconds() - cpuBefore.busy);
    const figures = judgeAll([...results.values()]);
    const passed = passes(figures, [...results.values()]);
    const sections = [machineLines(machine, stolenShare), figureLines(figures)];
    for (const [name, result] of results) sections.push(scenarioLines(name, result));
    console.log(sections.map((lines) => lines.join('\n')).join('\n\n'));
    if (jsonFile !== undefined) {
      const report = {
        startedAt,
        machine,
        stolenShare,
        effort,
        passed,
        figures,
        scenarios: Object.fromEntries(results),
      };
      writeFileSync(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    }
    return passed ? 0 : 1;
  },
};

/** A scenario that cannot be measured fails the run, but not the scenarios after it. */
function failed(error: unknown): ScenarioResult {
  return { figures: [], details: [], notes: [], faults: { scenario: { [String(error)]: 1 } }, samples: null };
}
