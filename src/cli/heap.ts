/** `hotlane heap`: saves what the heap of a worker of a running server holds. */
import { stat } from 'node:fs/promises';
import { styleText } from 'node:util';
import type { Manifest } from '../config/manifest.ts';
import { type HeapShare, largestInHeap } from '../insight/heap-summary.ts';
import { type AddressFlags, adminAddress } from './admin-address.ts';
import { largestWorker } from './busiest-worker.ts';
import { download } from './download.ts';
import { EXIT } from './exit-codes.ts';
import { bytesText } from './number-text.ts';
import { defaultFile } from './output-file.ts';
import { onOneLine } from './plain-text.ts';
import { showProgress } from './progress.ts';
import { readReply } from './read-reply.ts';
import type { Destination } from './reload-lines.ts';
import type { Shape } from './shape.ts';
import { tableLines } from './table.ts';

export interface HeapFlags extends AddressFlags {
  readonly worker?: number;
  readonly out?: string;
  readonly json?: true;
}

/** Constructors named. */
const NAMED = 8;

export async function saveHeap(
  { worker, out, json, ...flags }: HeapFlags,
  manifest: Manifest,
): Promise<void> {
  const server = adminAddress(flags, manifest);
  if (server === undefined) return;
  const seat = worker ?? (await largestWorker(server));
  if (seat === undefined) return;
  const file = out ?? defaultFile(`worker-${seat}`, 'heapsnapshot', new Date());
  process.stderr.write(`worker ${seat} writes its heap and stands still meanwhile\n`);
  const stopProgress = showProgress(`heap of worker ${seat}`, process.stderr);
  const saved = await download(server, { method: 'POST', path: `/workers/${seat}/heap` }, file);
  stopProgress();
  if (saved.outcome === 'unwritable') {
    process.stderr.write(`The snapshot cannot be written: ${saved.reason}\n`);
    process.exitCode = EXIT.failed;
    return;
  }
  if (saved.outcome !== 'saved') {
    readReply(saved, server, nothing);
    return;
  }
  const { size } = await stat(file);
  const largest = await largestInHeap(file, NAMED);
  const { stdout } = process;
  if (json) stdout.write(`${JSON.stringify({ file, worker: seat, bytes: size, largest })}\n`);
  else stdout.write(`${[`${file}  ${bytesText(size)}`, '', ...heapLines(largest, stdout)].join('\n')}\n`);
}

/** A success comes as a file, never as an answer to be read. */
const nothing: Shape<never> = (_value): _value is never => false;

function heapLines(largest: readonly HeapShare[], stream: Destination): string[] {
  const rows = largest.map(({ name, objects, bytes, share }) => [
    bytesText(bytes),
    `${(share * 100).toFixed(1)} %`,
    String(objects),
    onOneLine(name),
  ]);
  const [head = '', ...lines] = tableLines(
    [['self size', 'share', 'objects', 'what'], ...rows],
    new Set([0, 1, 2]),
  );
  return [styleText('bold', head, { stream }), ...lines];
}
