/** `tuning`: what the settings of the runtime do to latency and memory. */

import type { RunContext } from '../scenarios/scenario.ts';
import { tune } from '../scenarios/tuning.ts';
import { tuningGroups } from '../scenarios/tuning-groups.ts';
import type { TuningEffort } from '../scenarios/tuning-scenario.ts';
import type { Command } from './command.ts';
import { runScenarios } from './run-scenarios.ts';
import { parseTuningOptions } from './tuning-options.ts';

const help = `Measures the same calls at the same rate on servers that differ in one setting.

Usage: npm run bench -- tuning [options]

  --quick            two minutes instead of about nine; figures are rough
  --only NAME[,NAME] only these tables
  --rounds N         how often each row is measured (3, with --quick 1)
  --json FILE        write everything measured to FILE
  --help             this text

Tables:
${tuningGroups.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}

There are no bounds: the notes under each table say what its rows show on this machine. Exit code 0: every
answer was right; 1: not so; 2: wrong usage.`;

export const tuning: Command = {
  name: 'tuning',
  summary: 'young generation, heap, workers, concurrency: what they do to latency and memory',
  help,
  run: async (args) => {
    const { effort, only, jsonFile } = parseTuningOptions(
      args,
      tuningGroups.map(({ name }) => name),
    );
    const scenarios = tuningGroups
      .filter(({ name }) => only === undefined || only.includes(name))
      .map((group) => ({
        name: group.name,
        run: (context: RunContext<TuningEffort>) => tune(context, group),
      }));
    return runScenarios({ effort, scenarios, jsonFile });
  },
};
