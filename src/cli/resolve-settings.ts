/** Resolves the settings from this process's surroundings. */
import { availableParallelism, totalmem } from 'node:os';
import { styleText } from 'node:util';
import type { Flags, Preset } from '../config/claim.ts';
import { disk } from '../config/files.ts';
import { type LoadedSettings, loadSettings } from '../config/load-settings.ts';
import type { Manifest } from '../config/manifest.ts';
import { describeProblem, type Problem } from '../config/origin.ts';
import { EXIT } from './exit-codes.ts';

/** Undefined when the configuration is refused; standard error and the exit code say so then. */
export function resolveSettings(
  flags: Flags,
  { packageRoot }: Manifest,
  preset?: Preset,
): Extract<LoadedSettings, { outcome: 'loaded' }> | undefined {
  const loaded = loadSettings({
    flags,
    env: process.env,
    cwd: process.cwd(),
    files: disk,
    machine: { parallelism: availableParallelism(), memoryMb: availableMemoryMb(), packageRoot },
    ...(preset && { preset }),
  });
  if (loaded.outcome === 'loaded') return loaded;
  process.stderr.write(report(loaded.problems));
  process.exitCode = EXIT.usage;
  return undefined;
}

function report(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  // styleText leaves out the colour when the stream is no terminal or NO_COLOR is set.
  const headline = styleText('red', `The configuration has ${count}:`, { stream: process.stderr });
  return [headline, ...problems.map((problem) => `  ${describeProblem(problem)}`), ''].join('\n');
}

/** What a container is given, where it is less than the machine has. */
function availableMemoryMb(): number {
  return Math.floor(Math.min(process.constrainedMemory() || Infinity, totalmem()) / 2 ** 20);
}
