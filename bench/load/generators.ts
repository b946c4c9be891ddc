/** Which program makes the closed-loop load. */
import type { ClosedLoopGenerator, ClosedLoopReport } from './closed-loop.ts';
import { runGenerator } from './node-generator.ts';
import { runWrk, wrkInstalled } from './wrk.ts';

const autocannon: ClosedLoopGenerator = (order) =>
  runGenerator<ClosedLoopReport>('autocannon-process.ts', order, order.seconds);

const ownSender: ClosedLoopGenerator = (order) =>
  runGenerator<ClosedLoopReport>('own-sender-process.ts', order, order.seconds);

/** wrk where it is installed, otherwise the own sender. */
export const fastest: ClosedLoopGenerator = wrkInstalled() ? runWrk : ownSender;

/**
 * For servers that want every core and answer at most some 20 000 requests a second, above which autocannon
 * is the limit itself. Even far below, it takes a fifth of a core from a server that could use it: the same
 * two workers on two cores reached 1.66 times inline under autocannon and 1.87 times under wrk.
 */
export const modest: ClosedLoopGenerator = wrkInstalled() ? runWrk : autocannon;
