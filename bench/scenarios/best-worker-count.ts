/** Whether one worker or two serve a load better: a question its owner would try out too. */
import type { Throughput } from '../measure/throughput.ts';
import { median } from '../report/spread.ts';
import { hotlane } from '../variants/all.ts';
import type { Rounds } from './interleave.ts';

/** Name of the better variant. Judged over all rounds: picking the better one round by round would pick the noise. */
export function bestWorkerCount(rounds: Rounds<Throughput>): string {
  const rate = (name: string) => median((rounds.get(name) ?? []).map(({ perSecond }) => perSecond));
  const [one, two] = [hotlane(1).name, hotlane(2).name];
  return rate(one) > rate(two) || !rounds.has(two) ? one : two;
}
