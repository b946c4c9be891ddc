/** wrk, where it is installed: the generator that needs least of the machine. */
import { accessSync, constants, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { childOutput } from '../process/child-output.ts';
import { tempFolder } from '../process/temp-folder.ts';
import { watchUtilisation } from '../process/utilisation.ts';
import { bodyOf, type Call } from './call.ts';
import type { ClosedLoopOrder, ClosedLoopReport } from './closed-loop.ts';

/** Whether a `wrk` is on the PATH. */
export function wrkInstalled(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'wrk'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Runs wrk on one thread. It checks every status; contents are for a `caller` to check. */
export async function runWrk(order: ClosedLoopOrder): Promise<ClosedLoopReport> {
  const script = join(tempFolder('wrk'), 'post.lua');
  writeFileSync(script, luaScript(order.call));
  let utilisation: ReturnType<typeof watchUtilisation> | undefined;
  try {
    const output = await childOutput(
      'wrk',
      ['-t', '1', '-c', String(order.connections), '-d', `${order.seconds}s`, '-s', script, urlOf(order)],
      (order.seconds + 10) * 1000,
      (pid) => {
        utilisation = watchUtilisation(pid);
      },
    );
    return { generator: 'wrk', utilisation: utilisation?.(), ...readWrkOutput(output) };
  } finally {
    utilisation?.();
  }
}

function urlOf(order: ClosedLoopOrder): string {
  return `http://127.0.0.1:${order.port}${order.call.path}`;
}

const marker = 'totals ';
const errorKinds = ['connect', 'read', 'write', 'status', 'timeout'] as const;

/** Sends the same request every time; at the end prints the totals on one line. */
function luaScript(call: Call): string {
  return [
    'wrk.method = "POST"',
    ...Object.entries({ 'Content-Type': 'application/json', ...call.headers }).map(
      ([name, value]) => `wrk.headers["${name}"] = "${value}"`,
    ),
    `wrk.body = [==[${bodyOf(call, 0)}]==]`,
    'function done(summary)',
    '  local errors = summary.errors',
    `  io.write(string.format("${marker}%d %d %d %d %d %d %d\\n", summary.requests, summary.duration,`,
    `    ${errorKinds.map((kind) => `errors.${kind}`).join(', ')}))`,
    'end',
  ].join('\n');
}

/** Finds the totals in wrk's output: requests, duration in microseconds, errors by kind. */
export function readWrkOutput(output: string): Pick<ClosedLoopReport, 'requests' | 'seconds' | 'faults'> {
  const line = output.split('\n').find((text) => text.startsWith(marker));
  if (line === undefined) throw new Error(`wrk printed no totals:\n${output}`);
  const [requests = 0, micros = 0, ...errors] = line.slice(marker.length).split(' ').map(Number);
  const faults = errorKinds
    .map((kind, index) => [`wrk: ${kind} error`, errors[index] ?? 0] as const)
    .filter(([, count]) => count > 0);
  return { requests, seconds: micros / 1e6, faults: Object.fromEntries(faults) };
}
