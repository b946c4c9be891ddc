/** `hotlane profile`: records where a thread of a running server spends its time. */
import { writeFile } from 'node:fs/promises';
import type { Manifest } from '../config/manifest.ts';
import { hottest } from '../insight/hottest.ts';
import { type AddressFlags, adminAddress } from './admin-address.ts';
import { ask } from './admin-client.ts';
import { busiestWorker } from './busiest-worker.ts';
import { EXIT } from './exit-codes.ts';
import { hotLines } from './hot-lines.ts';
import { isCpuProfile } from './insight-shapes.ts';
import { defaultFile } from './output-file.ts';
import { showProgress } from './progress.ts';
import { readReply } from './read-reply.ts';

export interface ProfileFlags extends AddressFlags {
  readonly seconds: number;
  readonly worker?: number;
  readonly main?: true;
  readonly out?: string;
  readonly json?: true;
}

/** Functions named. */
const NAMED = 5;

export async function profileServer(
  { seconds, worker, main, out, json, ...flags }: ProfileFlags,
  manifest: Manifest,
): Promise<void> {
  const server = adminAddress(flags, manifest);
  if (server === undefined) return;
  const seat = main ? 'main' : (worker ?? (await busiestWorker(server)));
  if (seat === undefined) return;
  const thread = main ? 'the main thread' : `worker ${seat}`;
  process.stderr.write(`profiling ${thread} for ${seconds} s\n`);
  const stopProgress = showProgress(`profiling ${thread}`, process.stderr);
  const path = `/workers/${seat}/profile`;
  const reply = await ask(server, { method: 'POST', path, body: { seconds } });
  stopProgress();
  const answer = readReply(reply, server, isCpuProfile);
  if (answer === undefined) return;

  const file = out ?? defaultFile(main ? 'main' : `worker-${seat}`, 'cpuprofile', new Date());
  try {
    await writeFile(file, answer.text, { mode: 0o600 });
  } catch (error) {
    process.stderr.write(
      `The profile cannot be written: ${error instanceof Error ? error.message : error}\n`,
    );
    process.exitCode = EXIT.failed;
    return;
  }
  const functions = hottest(answer.value, NAMED);
  const { stdout } = process;
  if (json) stdout.write(`${JSON.stringify({ file, thread: seat, seconds, hottest: functions })}\n`);
  else stdout.write(`${[file, '', ...hotLines(functions, process.cwd(), stdout)].join('\n')}\n`);
}
