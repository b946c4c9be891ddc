/** How many steps of the `cpu` plugin a millisecond of this machine is. */
import { burn } from '../plugins/cpu/index.ts';

const trialSteps = 400_000;
const trials = 60;

/**
 * Takes the fastest of many trials: the first ones run before V8 has optimised the loop, and any may be
 * interrupted. Blocks for some 50 ms.
 */
export function stepsPerMillisecond(): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let trial = 0; trial < trials; trial += 1) {
    const start = performance.now();
    burn(trialSteps);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return Math.round(trialSteps / fastest);
}
