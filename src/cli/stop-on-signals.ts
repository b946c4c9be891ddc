/**
 * Stops the server when the process is asked to end.
 *
 * | signal | before | while stopping |
 * |---|---|---|
 * | SIGTERM | stop, then exit 0 | nothing |
 * | SIGINT | stop, then exit 0 | exit 130 at once |
 */
import type { Log } from '../core/log.ts';
import type { RunningServer } from '../server/start-server.ts';
import { EXIT } from './exit-codes.ts';

/** The part of `process` that brings signals. */
export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown;
}

/**
 * One Ctrl-C under `npm start` arrives twice, from the terminal and passed on by npm. A person who means it
 * takes longer than this many milliseconds.
 */
const SAME_KEYSTROKE_MS = 300;

/** A signal that comes while the server is `starting` stops it as soon as it runs. */
export function stopOnSignals(
  source: SignalSource,
  starting: Promise<RunningServer>,
  exit: (code: number) => void,
  log: Log,
): void {
  let stoppingSince: number | undefined;
  const stop = async (signal: string): Promise<void> => {
    stoppingSince = performance.now();
    try {
      const server = await starting;
      await server.stop(signal);
      exit(EXIT.done);
    } catch (error) {
      log.error('The server did not stop in order', { error });
      exit(EXIT.failed);
    }
  };
  source.on('SIGTERM', () => {
    if (stoppingSince === undefined) void stop('SIGTERM');
  });
  source.on('SIGINT', () => {
    if (stoppingSince === undefined) void stop('SIGINT');
    else if (performance.now() - stoppingSince > SAME_KEYSTROKE_MS) exit(EXIT.interrupted);
  });
}
