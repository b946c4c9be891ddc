/** `hotlane top`: what a running server is busy with, again and again. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Manifest } from '../config/manifest.ts';
import type { LiveView } from '../insight/live-view.ts';
import { type Rates, ratesBetween } from '../insight/rates.ts';
import { type AddressFlags, adminAddress } from './admin-address.ts';
import { ask } from './admin-client.ts';
import { EXIT } from './exit-codes.ts';
import { isLiveView } from './insight-shapes.ts';
import { judgeReply, type Missing } from './read-reply.ts';
import { Screen, sizeOf } from './screen.ts';
import { topFrame } from './top-frame.ts';

export interface TopFlags extends AddressFlags {
  /** Seconds. */
  readonly interval: number;
  readonly once?: true;
  readonly json?: true;
}

/** A server that takes longer to tell of itself is stuck itself. */
const ANSWER_MS = 5000;

export async function watchServer(
  { interval, once, json, ...flags }: TopFlags,
  manifest: Manifest,
): Promise<void> {
  const server = adminAddress(flags, manifest);
  if (server === undefined) return;
  const { stdout } = process;
  if (stdout.isTTY && !once && !json) return watchAtTerminal(server, interval);
  // Whoever reads may have seen enough, as `head` does.
  stdout.on('error', () => process.exit(EXIT.done));
  for await (const seen of looks(server, interval)) {
    if ('sentence' in seen) {
      process.stderr.write(`${seen.sentence}\n`);
      process.exitCode = seen.exitCode;
      return;
    }
    const lines = json ? [JSON.stringify(seen)] : [...topFrame(seen, server, stdout), ...(once ? [] : [''])];
    stdout.write(`${lines.join('\n')}\n`);
    if (once) return;
  }
}

/** Until Ctrl-C. A server that has gone may come back. */
async function watchAtTerminal(server: URL, interval: number): Promise<void> {
  const { stdout } = process;
  using screen = new Screen(stdout);
  process.once('exit', () => screen[Symbol.dispose]());
  process.once('SIGINT', leave).once('SIGTERM', leave).once('SIGHUP', leave);
  let draw = (): void => screen.draw([`Looking at ${server.origin} for ${interval} s …`]);
  stdout.on('resize', () => draw());
  draw();
  for await (const seen of looks(server, interval)) {
    draw =
      'sentence' in seen
        ? () => screen.draw([...seen.sentence.split('\n'), '', 'Trying again. Ctrl-C ends this.'])
        : () => screen.draw(topFrame(seen, server, stdout, sizeOf(stdout).rows));
    draw();
  }
}

/** The rates of one interval after the other, or why there are none; does not end by itself. */
async function* looks(server: URL, interval: number): AsyncGenerator<Rates | Missing> {
  let before: LiveView | undefined;
  for (;;) {
    const begun = performance.now();
    const read = judgeReply(
      await ask(server, { method: 'GET', path: '/top' }, ANSWER_MS),
      server,
      isLiveView,
    );
    const view = 'value' in read ? read.value : undefined;
    if ('sentence' in read) yield read;
    const rates = before && view && ratesBetween(before, view);
    if (rates !== undefined) yield rates;
    before = view;
    await wait(Math.max(0, interval * 1000 - (performance.now() - begun)));
  }
}

function leave(): void {
  process.exit(EXIT.done);
}
