/** How busy the machine is as a whole: shows what other programs took while a figure was measured. */
import { cpus } from 'node:os';

/** CPU seconds of all cores so far, idle left out. */
export function busyCpuSeconds(): number {
  const milliseconds = cpus().reduce(
    (sum, { times }) => sum + times.user + times.nice + times.sys + times.irq,
    0,
  );
  return milliseconds / 1000;
}
