/** autocannon as a process of its own: takes its order as JSON argument, prints its report as JSON. */
import autocannon from 'autocannon';
import { bodyOf, faultOf } from './call.ts';
import type { ClosedLoopOrder, ClosedLoopReport } from './closed-loop.ts';

/** The content of every n-th answer is checked; the status of all. */
const contentEvery = 16;

const order: ClosedLoopOrder = JSON.parse(process.argv[2] ?? '');
let answers = 0;
const cpuBefore = process.cpuUsage();
const result = await autocannon({
  url: `http://127.0.0.1:${order.port}${order.call.path}`,
  method: 'POST',
  headers: { 'content-type': 'application/json', ...order.call.headers },
  body: bodyOf(order.call, 0),
  connections: order.connections,
  duration: order.seconds,
  verifyBody: (body) => {
    answers += 1;
    return answers % contentEvery !== 0 || faultOf(order.call, 0, 200, String(body)) === undefined;
  },
});
const cpu = process.cpuUsage(cpuBefore);

const faults = Object.entries({
  'status other than 2xx': result.non2xx,
  'wrong content': result.mismatches,
  'connection error': result.errors,
  'time-out': result.timeouts,
}).filter(([, count]) => count > 0);

const report: ClosedLoopReport = {
  generator: 'autocannon',
  requests: result.requests.total,
  seconds: result.duration,
  faults: Object.fromEntries(faults),
  utilisation: (cpu.user + cpu.system) / 1e6 / result.duration,
};
console.log(JSON.stringify(report));
