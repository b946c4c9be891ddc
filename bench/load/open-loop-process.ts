/** The open-loop sender as a process of its own: takes its order as JSON argument, prints its report as JSON. */
import { napPrecisely } from './nap.ts';
import { type OpenLoopOrder, runOpenLoop } from './open-loop.ts';

napPrecisely();
const order: OpenLoopOrder = JSON.parse(process.argv[2] ?? '');
console.log(JSON.stringify(await runOpenLoop(order)));
