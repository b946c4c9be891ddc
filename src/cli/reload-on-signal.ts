/** SIGHUP: look at the plugin folder now, as services do on Unix. */
import type { RunningServer } from '../server/start-server.ts';

/** The part of `process` that brings the signal. */
export interface HangupSource {
  on(signal: 'SIGHUP', listener: () => void): unknown;
}

/** A signal that comes while the server is `starting` counts when it runs. How it ends is told as any reload is. */
export function reloadOnSignal(source: HangupSource, starting: Promise<RunningServer>): void {
  source.on('SIGHUP', () => {
    starting.then(
      (server) => server.control.reload(),
      // A server that did not start has said so.
      () => undefined,
    );
  });
}
