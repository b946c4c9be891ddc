/** The thread that tries the inputs, so that somebody outside sees when one of them never ends. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Searched } from './target.ts';
import { targets } from './targets.ts';

export interface BytesOrder {
  readonly seed: number;
  /** For each target. */
  readonly milliseconds: number;
  /** Only this one. */
  readonly only: string | undefined;
  readonly path: string | undefined;
  /** One Int32: inputs begun, over all targets. */
  readonly begun: SharedArrayBuffer;
}

export type BytesNews =
  | { readonly kind: 'begins'; readonly target: string }
  | { readonly kind: 'ended'; readonly target: string; readonly searched: Searched };

const { seed, milliseconds, only, path, begun }: BytesOrder = workerData;
const count = new Int32Array(begun);
const tell = (news: BytesNews): void => parentPort?.postMessage(news);
for (const { name, search } of targets) {
  if (only !== undefined && name !== only) continue;
  tell({ kind: 'begins', target: name });
  const searched = search({ seed, milliseconds, path, onInput: () => Atomics.add(count, 0, 1) });
  tell({ kind: 'ended', target: name, searched });
}
