/** The fuzzer of what decodes bytes: every target in turn, in a thread that is given up when it hangs. */
import { Worker } from 'node:worker_threads';
import type { Finding, FuzzReport } from '../finding.ts';
import type { BytesNews, BytesOrder } from './bytes-thread.ts';
import { targets } from './targets.ts';

/** No input needs so long, in milliseconds. */
const HANG_MS = 20_000;
const LONGEST_SHOWN = 2000;

export interface BytesFuzz {
  readonly seed: number;
  readonly seconds: number;
  /** One target alone. */
  readonly only?: string | undefined;
  /** The way to one input, as a report printed it. */
  readonly path?: string | undefined;
}

export const targetNames: readonly string[] = targets.map(({ name }) => name);

export async function fuzzBytes({ seed, seconds, only, path }: BytesFuzz): Promise<FuzzReport> {
  const started = performance.now();
  const begun = new SharedArrayBuffer(4);
  const milliseconds = (seconds * 1000) / (only === undefined ? targets.length : 1);
  const order: BytesOrder = { seed, milliseconds, only, path, begun };
  const worker = new Worker(new URL('bytes-thread.ts', import.meta.url), {
    workerData: order,
    // None of those of the program that hosts it, as a test runner is.
    execArgv: [],
  });
  const tried: Record<string, number> = {};
  const findings: Finding[] = [];
  let current = 'the first target';
  const command = (target: string): string =>
    `node test/fuzz/fuzz.ts bytes --target ${target} --seed ${seed} --seconds ${seconds}`;
  worker.on('message', (news: BytesNews) => {
    current = news.target;
    if (news.kind === 'begins') return;
    tried[news.target] = news.searched.inputs;
    const { failure } = news.searched;
    if (failure === undefined) return;
    findings.push({
      kind: news.target,
      what: failure.what.slice(0, LONGEST_SHOWN),
      input: failure.input.slice(0, LONGEST_SHOWN),
      reproduce: `${command(news.target)} --path ${failure.path}`,
    });
  });
  const end = await ended(worker, new Int32Array(begun));
  if (end !== undefined)
    findings.push({
      kind: current,
      what: end.what,
      input: `number ${end.input} of this seed`,
      reproduce: command(current),
    });
  return { fuzzer: 'bytes', seed, seconds: (performance.now() - started) / 1000, tried, findings };
}

/** Undefined: the thread came to its end. Else what kept it from that, and with which input. */
function ended(worker: Worker, begun: Int32Array): Promise<{ what: string; input: number } | undefined> {
  return new Promise((resolve) => {
    let seen = -1;
    const watch = setInterval(() => {
      const now = Atomics.load(begun, 0);
      if (now === seen) {
        resolve({ what: `one input takes more than ${HANG_MS} ms`, input: now });
        void worker.terminate();
      }
      seen = now;
    }, HANG_MS);
    worker.once('error', (error) =>
      resolve({ what: `the thread died: ${String(error)}`, input: Atomics.load(begun, 0) }),
    );
    worker.once('exit', () => {
      clearInterval(watch);
      resolve(undefined);
    });
  });
}
