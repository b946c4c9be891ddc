/** `reload`: what saving a plugin costs the callers, and what it leaves behind. */
import { reloadLatency } from '../scenarios/reload-latency.ts';
import { reloadLosses } from '../scenarios/reload-losses.ts';
import { reloadMemory } from '../scenarios/reload-memory.ts';
import type { ReloadScenario } from '../scenarios/reload-scenario.ts';
import { reloadSwitch } from '../scenarios/reload-switch.ts';
import type { Command } from './command.ts';
import { parseReloadOptions } from './reload-options.ts';
import { runScenarios } from './run-scenarios.ts';

/** In the order of the report. */
const scenarios: readonly ReloadScenario[] = [reloadLosses, reloadLatency, reloadSwitch, reloadMemory];

const help = `Measures what callers notice while a plugin is saved again and again; hotlane with 2 workers.

Usage: npm run bench -- reload [options]

  --quick            a minute instead of about ten; figures are rough
  --only NAME[,NAME] only these scenarios
  --rolls N          rolls under clients at full speed (20, with --quick 5)
  --memory-rolls N   rolls over which memory is watched (500, with --quick 20)
  --json FILE        write everything measured to FILE
  --help             this text

Scenarios:
${scenarios.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`).join('\n')}

Saves are real: the plugin's file is written in place and replaced by renaming, by turns, in a temporary folder.
The table goes to standard output, progress to standard error. Exit code 0: every "must" is met and every
answer was right; 1: not so; 2: wrong usage. NO_COLOR is respected.`;

export const reload: Command = {
  name: 'reload',
  summary: 'saving plugins under load: losses, latency, time to switch, memory',
  help,
  run: async (args) => {
    const { effort, only, jsonFile } = parseReloadOptions(
      args,
      scenarios.map(({ name }) => name),
    );
    const chosen = scenarios.filter(({ name }) => only === undefined || only.includes(name));
    return runScenarios({ effort, scenarios: chosen, jsonFile });
  },
};
