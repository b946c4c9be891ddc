/**
 * A real server in the test's own process: real sockets, real worker threads, free ports, a log in memory.
 */
import { fileURLToPath } from 'node:url';
import type { Preset } from '../../src/config/claim.ts';
import { disk } from '../../src/config/files.ts';
import { loadSettings } from '../../src/config/load-settings.ts';
import { describeProblem } from '../../src/config/origin.ts';
import type { Settings } from '../../src/config/settings.ts';
import type { Log, LogFields } from '../../src/core/log.ts';
import type { ActionReport, ReloadControl } from '../../src/reload/control.ts';
import { logReport } from '../../src/server/log-report.ts';
import { startServer } from '../../src/server/start-server.ts';
import { ToolTable } from '../../src/server/tool-table.ts';

/** Plugins written for tests; see each one's first comment. */
export const FIXTURE_PLUGINS = fileURLToPath(new URL('../fixtures/plugins', import.meta.url));

/** One line of the server's log. */
export interface ServerLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

export interface TestServer {
  /** Where the plugins are served, as `http://127.0.0.1:40001`. */
  readonly url: string;
  readonly port: number;
  readonly adminUrl: string;
  /** Every line logged so far. */
  readonly log: readonly ServerLine[];
  /** What operators can do to the plugins. */
  readonly control: ReloadControl;
  /** How every change of the plugins has ended so far. */
  readonly reports: readonly ActionReport[];
  /** The same promise however often it is called. */
  stop(): Promise<void>;
}

export interface TestServerOptions {
  /** Folder of the plugins; default: FIXTURE_PLUGINS. */
  readonly plugins?: string;
  /** Over the defaults of the command and those of tests: two workers, debug lines, no success lines. */
  readonly settings?: Partial<Settings>;
}

/** Starts a server; the test stops it, best with `t.teardown(server.stop)`. */
export async function startTestServer({ plugins, settings }: TestServerOptions = {}): Promise<TestServer> {
  const lines: ServerLine[] = [];
  const log = memoryLog(lines);
  const reports: ActionReport[] = [];
  const { url, adminUrl, control, stop } = await startServer(
    testSettings({ ...settings, ...(plugins !== undefined && { plugins }) }),
    log,
    (report) => {
      reports.push(report);
      logReport(log, report);
    },
  );
  return {
    url,
    port: Number(new URL(url).port),
    adminUrl,
    log: lines,
    control,
    reports,
    stop: () => stop('the test is over'),
  };
}

/** Checked as the command checks them, but read from nowhere. */
export function testSettings({ pluginSettings, ...values }: Partial<Settings> = {}): Settings {
  const preset: Preset = {
    command: 'test',
    values: {
      plugins: FIXTURE_PLUGINS,
      port: 0,
      adminPort: 0,
      workers: 2,
      logLevel: 'debug',
      logSample: 0,
      hotReload: false,
      // Tests of something else that save again and again would only be slower.
      reloadBreatherMs: 0,
      ...values,
    },
  };
  const loaded = loadSettings({
    flags: {},
    env: {},
    cwd: FIXTURE_PLUGINS,
    files: disk,
    machine: { parallelism: 2, memoryMb: 16_384, packageRoot: FIXTURE_PLUGINS },
    preset,
  });
  if (loaded.outcome === 'refused') throw new Error(loaded.problems.map(describeProblem).join('; '));
  return { ...loaded.settings, pluginSettings: pluginSettings ?? loaded.settings.pluginSettings };
}

/** A log that keeps its lines in `lines`. */
export function memoryLog(lines: ServerLine[], own: LogFields = {}): Log {
  const at =
    (level: ServerLine['level']) =>
    (message: string, fields: LogFields = {}): void => {
      lines.push({ level, message, fields: { ...own, ...fields } });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => memoryLog(lines, { ...own, ...fields }),
  };
}

/** A table of tools that everybody may call. */
export function openTable(settings: Settings): ToolTable {
  return new ToolTable(settings, { of: () => undefined }, memoryLog([]));
}
