/**
 * What `hotlane top` shows of one interval:
 *
 *   http://127.0.0.1:9090  up 3 h  14:09:20
 *   204.1 calls/s  0 errors/s  12 in flight  3 waiting  1.32 CPUs  182 MiB
 *
 *   worker  state     busy   gc  heap MiB  other MiB  calls  running
 *        0  serving   93 %  2 %        45         12     12  weather/current
 *        1  STALLED  100 %  0 %        31          8      1  digest/compute
 *
 *   tool             calls/s  errors/s     p50    p99  p99 in queue  circuit
 *   weather/current    204.1         0  4.1 ms  31 ms       0.40 ms  closed
 */
import { styleText } from 'node:util';
import type { Rates, ToolRates, WorkerRates } from '../insight/rates.ts';
import { mebibytesText, msText, rateText, shareText } from './number-text.ts';
import { onOneLine } from './plain-text.ts';
import type { Destination } from './reload-lines.ts';
import { tableLines } from './table.ts';
import { ageText, durationText } from './time-text.ts';

/** Rows that are left out where there is no room for them are counted. `rows`: lines there are, all when undefined. */
export function topFrame(
  rates: Rates,
  server: URL,
  stream: Destination,
  rows = Number.POSITIVE_INFINITY,
): string[] {
  const head = [headLine(rates, server, stream), totalsLine(rates, stream), ''];
  const workers = bold(workerTable(rates.workers, stream), stream);
  const tools = bold(toolTable(rates.tools, stream), stream);
  if (rates.tools.length === 0) tools.push('no calls in this time');
  // Half of the room at most for workers, the rest for tools.
  const room = Math.max(4, rows - head.length - 1);
  const upper = limited(workers, Math.max(Math.ceil(room / 2), room - tools.length), 'workers');
  return [...head, ...upper, '', ...limited(tools, room - upper.length, 'tools')];
}

function headLine({ time, uptimeSeconds }: Rates, server: URL, stream: Destination): string {
  const started = new Date(time - uptimeSeconds * 1000).toISOString();
  const clock = new Date(time).toLocaleTimeString('en-GB');
  return [styleText('bold', server.origin, { stream }), `up ${ageText(started, time)}`, clock].join('  ');
}

function totalsLine(rates: Rates, stream: Destination): string {
  const { callsPerSecond, errorsPerSecond, inFlight, queueDepth, lingering, cpus, rssMb, seconds } = rates;
  const errors = `${rateText(errorsPerSecond)} errors/s`;
  return [
    `${rateText(callsPerSecond)} calls/s`,
    errorsPerSecond > 0 ? styleText('red', errors, { stream }) : errors,
    `${inFlight} in flight`,
    `${queueDepth} waiting`,
    ...(lingering > 0 ? [`${lingering} answered and still held by workers`] : []),
    `${cpus.toFixed(2)} CPUs`,
    `${mebibytesText(rssMb)} MiB`,
    `(over ${durationText(seconds * 1000)})`,
  ].join('  ');
}

const WORKER_HEAD = ['worker', 'state', 'busy', 'gc', 'heap MiB', 'other MiB', 'calls', 'running'];

function workerTable(workers: readonly WorkerRates[], stream: Destination): string[] {
  const lines = workers.map((worker) => {
    const { seat, busy, gc, heapMb, externalMb, running } = worker;
    return [
      String(seat),
      stateText(worker, stream),
      shareText(busy),
      shareText(gc),
      mebibytesText(heapMb),
      mebibytesText(externalMb),
      String(running.reduce((sum, { calls }) => sum + calls, 0)),
      running.map(({ tool }) => onOneLine(tool)).join(', '),
    ];
  });
  return tableLines([WORKER_HEAD, ...lines], new Set([0, 2, 3, 4, 5, 6]));
}

function stateText({ state, isStalled, endingForMs }: WorkerRates, stream: Destination): string {
  // Native code cannot be ended from outside: such a thread stays until it returns.
  if (endingForMs !== undefined) {
    return styleText('red', `ending for ${durationText(endingForMs)}`, { stream });
  }
  if (isStalled) return styleText('red', 'STALLED', { stream });
  if (state === 'serving') return styleText('green', state, { stream });
  return styleText('yellow', state, { stream });
}

const TOOL_HEAD = ['tool', 'calls/s', 'errors/s', 'p50', 'p99', 'p99 in queue', 'circuit'];

function toolTable(tools: readonly ToolRates[], stream: Destination): string[] {
  const lines = tools.map((one) => {
    const { plugin, tool, callsPerSecond, errorsPerSecond, p50Ms, p99Ms, waitP99Ms } = one;
    const errors = rateText(errorsPerSecond);
    return [
      onOneLine(`${plugin}/${tool}`),
      rateText(callsPerSecond),
      errorsPerSecond > 0 ? styleText('red', errors, { stream }) : errors,
      msText(p50Ms),
      msText(p99Ms),
      msText(waitP99Ms),
      circuitText(one, stream),
    ];
  });
  return tableLines([TOOL_HEAD, ...lines], new Set([1, 2, 3, 4, 5]));
}

function circuitText({ circuit }: ToolRates, stream: Destination): string {
  if (circuit === undefined) return '-';
  if (circuit.state === 'closed') return 'closed';
  if (circuit.state === 'half-open') return styleText('yellow', 'half-open', { stream });
  const again = `again in ${durationText(circuit.retryInMs)}`;
  return `${styleText('red', 'OPEN', { stream })}, ${again}`;
}

function bold([head = '', ...rest]: readonly string[], stream: Destination): string[] {
  return [styleText('bold', head, { stream }), ...rest];
}

function limited(lines: readonly string[], most: number, what: string): string[] {
  if (lines.length <= most) return [...lines];
  const kept = Math.max(1, most - 1);
  return [...lines.slice(0, kept), `… ${lines.length - kept} more ${what}`];
}
