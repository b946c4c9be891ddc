/** The open-loop sender as a process of its own: takes its order as JSON argument, prints its report as JSON. */
import { type OpenLoopOrder, runOpenLoop } from './open-loop.ts';

const order: OpenLoopOrder = JSON.parse(process.argv[2] ?? '');
console.log(JSON.stringify(await runOpenLoop(order)));
