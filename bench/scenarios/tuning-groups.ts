/** The settings that decide how a worker collects garbage, what it may hold, and how many calls run at once. */
import { cpuCall } from '../load/call.ts';
import { stepsPerMillisecond } from '../measure/calibrate.ts';
import { burn } from '../plugins/cpu/index.ts';
import { waitCall } from './overload-counted.ts';
import type { TuningChoice, TuningGroup } from './tuning-scenario.ts';

const hoardCall = { path: '/execute/hoard/allocate', parameters: {}, answer: 'text' } as const;
const computingMs = 2;

/** The values of one setting, everything else the same. */
function each(flag: string, values: readonly number[], workers: number, others: readonly string[] = []) {
  return values.map(
    (value): TuningChoice => ({ title: `${flag} ${value}`, args: [...others, flag, String(value)], workers }),
  );
}

const workerCounts = [1, 2, 4].map(
  (workers): TuningChoice => ({ title: `--workers ${workers}`, args: [], workers }),
);

export const tuningGroups: readonly TuningGroup[] = [
  {
    name: 'young',
    summary: 'young generation of a worker, with a plugin that allocates',
    plugin: 'hoard',
    call: () => hoardCall,
    ratePerSecond: 300,
    choices: each('--worker-young-mb', [1, 6, 12, 48], 1),
  },
  {
    name: 'heap',
    summary: 'heap limit of a worker, with a plugin that keeps some 25 MB',
    plugin: 'hoard',
    call: () => hoardCall,
    ratePerSecond: 300,
    choices: each('--worker-heap-mb', [64, 128, 512], 1),
  },
  {
    name: 'computing',
    summary: `workers, with a plugin that computes for ${computingMs} ms`,
    plugin: 'cpu',
    call: () => {
      const steps = stepsPerMillisecond() * computingMs;
      return cpuCall(steps, burn(steps));
    },
    ratePerSecond: 300,
    choices: workerCounts,
  },
  {
    name: 'waiting',
    summary: 'workers, with a plugin that waits for 20 ms',
    plugin: 'counted',
    call: () => waitCall(20),
    ratePerSecond: 1000,
    choices: workerCounts,
  },
  {
    name: 'concurrency',
    summary: 'calls that one worker runs at once, with a plugin that waits for 20 ms',
    plugin: 'counted',
    call: () => waitCall(20),
    ratePerSecond: 300,
    choices: each('--concurrency', [4, 8, 32, 128], 2),
  },
];
