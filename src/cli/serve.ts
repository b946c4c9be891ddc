/** `hotlane start` and `hotlane dev`: from settings to a server that runs until it is told to stop. */
import type { Flags, Preset } from '../config/claim.ts';
import type { Manifest } from '../config/manifest.ts';
import { StartGivenUp } from '../server/start-given-up.ts';
import type { ReportListener } from '../server/start-server.ts';
import { EXIT } from './exit-codes.ts';
import { reloadOnSignal } from './reload-on-signal.ts';
import { resolveSettings } from './resolve-settings.ts';
import { startFailure } from './start-failure.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** One worker, so that the log reads in the order of the calls. */
const dev: Preset = { command: 'hotlane dev', values: { debug: true, workers: 1, logSample: 1 } };

/** Returns when the server listens, or when the exit code says why it does not. */
export async function serve(flags: Flags, manifest: Manifest, command: 'start' | 'dev'): Promise<void> {
  const resolved = resolveSettings(flags, manifest, command === 'dev' ? dev : undefined);
  if (resolved === undefined) return;
  const { settings } = resolved;
  const { createLog } = await import('../telemetry/log.ts');
  const log = createLog(settings, command === 'dev' && process.stderr.isTTY ? 'pretty' : 'json');
  const { startServer } = await import('../server/start-server.ts');
  const { reportText } = await import('./reload-lines.ts');

  // A person sees one line for each reload; everything else stays JSON.
  const onReport: ReportListener | undefined =
    command === 'dev' && process.stderr.isTTY
      ? (report) => process.stderr.write(reportText(report, process.stderr))
      : undefined;
  const stopped = new AbortController();
  const starting = startServer(settings, log, onReport, stopped.signal);
  const giveUp = (): void => stopped.abort();
  stopOnSignals(process, { server: starting, giveUp }, (code) => process.exit(code), log);
  // Without a listener the end of the terminal ends `hotlane dev`, as it should.
  if (command === 'start') reloadOnSignal(process, starting);
  try {
    const { url, adminUrl } = await starting;
    const sentence = `hotlane is serving on ${url} (admin ${adminUrl})`;
    // A terminal has a person before it; anything else gets nothing but JSON lines.
    if (process.stderr.isTTY) process.stderr.write(`${sentence}\n`);
    else log.info(sentence, { url, adminUrl });
  } catch (error) {
    // Whoever told it to stop ends the process.
    if (error instanceof StartGivenUp) return;
    process.stderr.write(`hotlane cannot start: ${startFailure(error, settings)}\n`);
    // Threads and timers of the half-started server would keep the process.
    process.exit(EXIT.failed);
  }
}
