/**
 * `npm run soak`: plugins are saved, broken, rolled back and switched off at random under load, and every answer
 * is held against its request and against who may answer.
 */
import { writeFileSync } from 'node:fs';
import { UsageError } from '../commands/command.ts';
import { leaveNothingBehind } from '../process/leave-nothing-behind.ts';
import { reportLines } from './report-lines.ts';
import { runSoak } from './run-soak.ts';
import { parseSoakOptions } from './soak-options.ts';

const help = `Saves plugins at random, good and bad ones, under load, and checks every answer.

Usage: npm run soak -- [options]

  --minutes N   how long, 5 unless told; fractions are allowed
  --seed N      chooses the same operations as the run that printed it
  --json FILE   write everything counted and measured to FILE
  --help        this text

Exit code 0: no answer was lost or wrong, and memory does not grow; 1: not so; 2: wrong usage.`;

leaveNothingBehind();
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const { minutes, seed, jsonFile, isHelp } = parseSoakOptions(args);
    if (isHelp) {
      console.log(help);
      return 0;
    }
    const report = await runSoak(minutes, seed);
    for (const line of reportLines(report)) console.log(line);
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
