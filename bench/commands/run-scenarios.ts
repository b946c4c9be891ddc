/** Runs scenarios one after the other; prints, writes and judges what they measured. */
import { writeFileSync } from 'node:fs';
import { busyCpuSeconds, stolenCpuSeconds } from '../process/machine-cpu.ts';
import { QuietGate } from '../process/quiet.ts';
import { describeMachine } from '../report/machine.ts';
import { figureLines, judgeAll, machineLines, passes, scenarioLines } from '../report/print.ts';
import type { RunContext, ScenarioResult } from '../scenarios/scenario.ts';

export interface Run<Effort> {
  readonly effort: Effort;
  /** Those to run, in the order of the report. */
  readonly scenarios: readonly {
    readonly name: string;
    run(context: RunContext<Effort>): Promise<ScenarioResult>;
  }[];
  /** Where to write everything measured. */
  readonly jsonFile: string | undefined;
}

/** Gives the exit code: 0 when every bound was met and no answer was wrong, else 1. */
export async function runScenarios<Effort extends { readonly quietBudgetMs: number }>(
  run: Run<Effort>,
): Promise<number> {
  const { effort, scenarios, jsonFile } = run;
  const gate = new QuietGate(effort.quietBudgetMs);
  const context: RunContext<Effort> = {
    effort,
    untilQuiet: () => gate.pass(),
    progress: (text) =>
      console.error(`${String(Math.round(performance.now() / 1000)).padStart(4)} s  ${text}`),
  };
  const machine = describeMachine();
  const cpuBefore = { busy: busyCpuSeconds(), stolen: stolenCpuSeconds() };
  const startedAt = new Date().toISOString();
  const results = new Map<string, ScenarioResult>();
  for (const scenario of scenarios) {
    results.set(scenario.name, await scenario.run(context).catch(failed));
  }

  const stolen = stolenCpuSeconds() - cpuBefore.stolen;
  const stolenShare = stolen / (stolen + busyCpuSeconds() - cpuBefore.busy);
  const figures = judgeAll([...results.values()]);
  const passed = passes(figures, [...results.values()]);
  const sections = [machineLines(machine, stolenShare)];
  if (figures.length > 0) sections.push(figureLines(figures));
  for (const [name, result] of results) sections.push(scenarioLines(name, result));
  console.log(sections.map((lines) => lines.join('\n')).join('\n\n'));
  if (jsonFile !== undefined) {
    const measured = Object.fromEntries(results);
    const report = { startedAt, machine, stolenShare, effort, passed, figures, scenarios: measured };
    writeFileSync(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  }
  return passed ? 0 : 1;
}

/** A scenario that cannot be measured fails the run, but not the scenarios after it. */
function failed(error: unknown): ScenarioResult {
  return { figures: [], details: [], notes: [], faults: { scenario: { [String(error)]: 1 } }, samples: null };
}
