/** The sender of streams as a process of its own: takes its order as JSON argument, prints its report as JSON. */
import { goFirst } from './go-first.ts';
import { napPrecisely } from './nap.ts';
import { sendStreams } from './stream-sender.ts';
import type { StreamsOrder } from './streams.ts';

const order: StreamsOrder = JSON.parse(process.argv[2] ?? '');
if (order.goesFirst) goFirst();
if (order.exact) napPrecisely();
process.stdout.write(JSON.stringify(await sendStreams(order)));
