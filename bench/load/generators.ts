/** Which program makes the closed-loop load. */
import type { ClosedLoopGenerator, ClosedLoopReport } from './closed-loop.ts';
import { runGenerator } from './node-generator.ts';
import { runWrk, wrkInstalled } from './wrk.ts';

/** For servers that answer less than some 20 000 requests a second; above it is the limit itself. */
export const autocannon: ClosedLoopGenerator = (order) =>
  runGenerator<ClosedLoopReport>('autocannon-process.ts', order, order.seconds);

const ownSender: ClosedLoopGenerator = (order) =>
  runGenerator<ClosedLoopReport>('own-sender-process.ts', order, order.seconds);

/** wrk where it is installed, otherwise the own sender. */
export const fastest: ClosedLoopGenerator = wrkInstalled() ? runWrk : ownSender;
