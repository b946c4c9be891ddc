/**
 * An own closed-loop sender, for where wrk is not installed and autocannon would be the limit. Takes its order
 * as JSON argument, prints its report as JSON.
 */
import { faultOf } from './call.ts';
import type { ClosedLoopOrder, ClosedLoopReport } from './closed-loop.ts';
import { Connection } from './connection.ts';

/** The content of every n-th answer is checked; the status of all. */
const contentEvery = 64;

const order: ClosedLoopOrder = JSON.parse(process.argv[2] ?? '');
const connections = await Promise.all(
  Array.from({ length: order.connections }, (_, serial) => Connection.open(order.port, order.call, serial)),
);
const faults: Record<string, number> = {};
let requests = 0;

function fault(reason: string): void {
  faults[reason] = (faults[reason] ?? 0) + 1;
}

function send(connection: Connection): void {
  connection.send((ending) => {
    if (ending.kind === 'broken') return fault(ending.reason);
    requests += 1;
    if (ending.status !== 200 || requests % contentEvery === 0) {
      const reason = faultOf(order.call, connection.serial, ending.status, ending.body.toString());
      if (reason !== undefined) fault(reason);
    }
    send(connection);
  });
}

const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
for (const connection of connections) send(connection);
setTimeout(() => {
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  for (const connection of connections) connection.close();
  const utilisation = (cpu.user + cpu.system) / 1e6 / seconds;
  const report: ClosedLoopReport = { generator: 'own sender', requests, seconds, faults, utilisation };
  console.log(JSON.stringify(report));
}, order.seconds * 1000);
