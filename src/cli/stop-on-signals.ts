/**
 * Stops the server when the process is asked to end.
 *
 * | signal | before | while stopping |
 * |---|---|---|
 * | SIGTERM | stop, or give the start up, then exit 0 | nothing |
 * | SIGINT | stop, or give the start up, then exit 0 | exit 130 at once |
 */
import type { Log } from '../core/log.ts';
import { StartGivenUp } from '../server/start-given-up.ts';
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

/** A server on its way. */
export interface Starting {
  readonly server: Promise<RunningServer>;
  /** No worker may ever come up: then `server` rejects with StartGivenUp. Without effect on one that runs. */
  giveUp(): void;
}

export function stopOnSignals(
  source: SignalSource,
  { server: starting, giveUp }: Starting,
  exit: (code: number) => void,
  log: Log,
): void {
  let stoppingSince: number | undefined;
  const stop = async (signal: string): Promise<void> => {
    stoppingSince = performance.now();
    giveUp();
    try {
      const server = await starting;
      await server.stop(signal);
      exit(EXIT.done);
    } catch (error) {
      if (error instanceof StartGivenUp) {
        log.info('stopped before any worker served', { reason: signal });
        exit(EXIT.done);
        return;
      }
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
