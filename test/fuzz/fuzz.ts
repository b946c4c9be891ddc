/**
 * `npm run fuzz`: hostile connections to a real server, and hostile bytes to everything that decodes them, until
 * the time is up or something is found.
 */
import { writeFileSync } from 'node:fs';
import { leaveNothingBehind } from '../../bench/process/leave-nothing-behind.ts';
import { fuzzBytes, targetNames } from './bytes/fuzz-bytes.ts';
import { type FuzzReport, reportLines } from './finding.ts';
import { fuzzFront, replayFront } from './front/fuzz-front.ts';
import { type FuzzOptions, parseFuzzOptions, UsageError } from './fuzz-options.ts';

const help = `Sends what no good client sends, and checks every answer.

Usage: npm run fuzz -- [front | bytes] [options]

  front          connections to a real server: split, damaged, cut short, sent ahead
  bytes          what decodes bytes: ${targetNames.join(', ')}
  --seconds N    how long each of the two runs, 60 unless told
  --seed N       the same inputs as the run that printed it
  --target NAME  one target of bytes alone
  --path P       with --target and --seed: one input alone
  --replay FILE  the connections a finding of front was written to
  --json FILE    write everything found to FILE
  --help         this text

Exit code 0: nothing found; 1: something found; 2: wrong usage.`;

/** How long the server may take for an answer, in milliseconds. */
const PATIENCE_MS = 2000;

leaveNothingBehind();
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseFuzzOptions(args);
    if (options.isHelp) {
      console.log(help);
      return 0;
    }
    return options.replay === undefined ? await run(options) : await replay(options.replay);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message}. See npm run fuzz -- --help`);
      return 2;
    }
    console.error(error);
    return 1;
  }
}

async function run({ fuzzers, seed, seconds, target, path, jsonFile }: FuzzOptions): Promise<number> {
  console.error(`seed ${seed}`);
  const reports: FuzzReport[] = [];
  for (const fuzzer of fuzzers) {
    const report =
      fuzzer === 'front'
        ? await fuzzFront({ seed, seconds, patienceMs: PATIENCE_MS })
        : await fuzzBytes({ seed, seconds, only: target, path });
    for (const line of reportLines(report)) console.log(line);
    reports.push(report);
  }
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(reports, null, 2)}\n`);
  return reports.every(({ findings }) => findings.length === 0) ? 0 : 1;
}

async function replay(file: string): Promise<number> {
  const problems = await replayFront(file, PATIENCE_MS);
  for (const { kind, what } of problems) console.log(`${kind}: ${what}`);
  if (problems.length === 0) console.log('nothing found');
  return problems.length === 0 ? 0 : 1;
}
