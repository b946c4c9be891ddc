/**
 * `npm run soak`: plugins are saved, broken, rolled back and switched off at random under load, and every answer
 * is held against its request and against who may answer. With `--chaos` workers die, plugins flood and hang, and
 * clients leave instead.
 */
import { copyFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../commands/command.ts';
import { leaveNothingBehind } from '../process/leave-nothing-behind.ts';
import { chaosLines } from './chaos/chaos-report.ts';
import { runChaos, usualFaultEveryMs } from './chaos/run-chaos.ts';
import { reportLines } from './report-lines.ts';
import { runSoak } from './run-soak.ts';
import { parseSoakOptions } from './soak-options.ts';

const help = `Saves plugins at random, good and bad ones, under load, and checks every answer.

Usage: npm run soak -- [options]

  --chaos       kill and block workers, flood plugins and leave requests instead; see bench/README.md
  --minutes N   how long, 5 unless told; fractions are allowed
  --seed N      chooses the same operations as the run that printed it
  --json FILE   write everything counted and measured to FILE
  --help        this text

Exit code 0: no answer was lost or wrong, memory does not grow, and with --chaos every figure keeps its bound;
1: not so; 2: wrong usage.`;

leaveNothingBehind();
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const { minutes, seed, jsonFile, isChaos, isHelp } = parseSoakOptions(args);
    if (isHelp) {
      console.log(help);
      return 0;
    }
    const { report, lines } = await (isChaos ? chaos(minutes, seed) : soak(minutes, seed));
    for (const line of lines) console.log(line);
    if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    return report.passed ? 0 : 1;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}. See npm run soak -- --help`);
      return 2;
    }
    console.error(error);
    return 1;
  }
}

async function soak(minutes: number, seed: number) {
  const report = await runSoak(minutes, seed);
  return { report, lines: reportLines(report) };
}

async function chaos(minutes: number, seed: number) {
  const report = await runChaos({ minutes, seed, faultEveryMs: usualFaultEveryMs });
  const lines = chaosLines(report);
  return {
    report,
    lines: report.passed ? lines : [...lines, `the server's log: ${kept(report.logFile, seed)}`],
  };
}

/** The run's own files are removed at its end. */
function kept(logFile: string, seed: number): string {
  const copy = join(tmpdir(), `hotlane-chaos-${seed}.log`);
  copyFileSync(logFile, copy);
  return copy;
}
