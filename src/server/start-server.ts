/**
 * Puts a server together: shared memory, dispatcher, pool, front, admin port.
 *
 *   discover plugins ─► arena ─► admin port (not ready) ─► workers load ─► routes ─► front listens ─► ready
 */
import { PerformanceObserver } from 'node:perf_hooks';
import { AdminServer } from '../admin/admin-server.ts';
import { type Health, health, live, ready } from '../admin/health.ts';
import type { Settings } from '../config/settings.ts';
import type { FrontIndex, SeatIndex } from '../core/brand.ts';
import { Clock, newEpoch } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import { HttpFront, type TlsFiles } from '../front/http-front.ts';
import { type RoutedTool, Routes } from '../front/routes.ts';
import type { LoadReport } from '../pool/thread.ts';
import { WorkerPool } from '../pool/worker-pool.ts';
import { type Discovery, discoverPlugins } from '../registry/discover.ts';
import { type PluginWatch, watchPlugins } from '../registry/watch.ts';
import { type ArenaHandle, attachArena, createArena, shapeFor } from '../shm/arena.ts';
import { createMeters, Meters } from '../shm/meters.ts';
import { OUTCOMES } from '../wire/outcome.ts';
import { newIdPrefix } from '../wire/request-id.ts';
import { shutDown } from './shutdown.ts';
import { numberTools } from './tool-table.ts';

/** Seats of an arena; a bit set of two words. */
const MOST_SEATS = 64;
/** Seats beside the wanted workers, for replacements and for threads that cannot be ended yet. */
const SPARE_SEATS = 2;
const FRONT = 0 as FrontIndex;

export interface RunningServer {
  /** Where the plugins are served, as `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly adminUrl: string;
  /** Finishes the calls in flight and resolves when all is over. */
  stop(reason: string): Promise<void>;
}

/** Resolves when the first worker serves and both ports listen; rejects with EADDRINUSE where one is taken. */
export async function startServer(settings: Settings, log: Log): Promise<RunningServer> {
  const found = discoverPlugins(settings.plugins);
  const seats = Math.min(MOST_SEATS, 2 * settings.workers + SPARE_SEATS);
  const handle = makeArena(settings, seats);
  const arena = attachArena(handle);
  // One row more than seats: the main thread's.
  const metersShape = { fronts: handle.shape.fronts, seats: seats + 1, outcomes: OUTCOMES };
  const metersMemory = createMeters(metersShape);
  const meters = new Meters(metersMemory, metersShape);
  meterMainThread(meters, seats as SeatIndex);
  const idPrefix = newIdPrefix();
  let report: LoadReport = { plugins: [], failures: found.failures };
  let tools: readonly RoutedTool[] = [];
  let stopping: Promise<void> | undefined;
  let watch: PluginWatch | undefined;

  const dispatcher = new Dispatcher({
    arena,
    front: FRONT,
    clock: new Clock(handle.epoch),
    meters,
    queueLimit: settings.queueLimit,
    post: (seat, message) => pool.post(seat, message),
    onOverdue: (seat) => pool.watch(seat),
  });
  const front = new HttpFront({
    dispatcher,
    routes: new Routes([], undefined),
    idPrefix,
    log,
    logSample: settings.logSample,
    tls: tlsOf(settings),
  });
  const pool: WorkerPool = new WorkerPool({
    arena,
    dispatcher,
    log,
    size: settings.workers,
    plugins: sourcesOf(found, settings),
    task: {
      arena: handle,
      concurrency: settings.concurrency,
      idPrefix,
      logLevel: workerLogLevel(settings),
      meters: { memory: metersMemory, shape: metersShape },
    },
    limits: {
      maxOldGenerationSizeMb: settings.workerHeapMb,
      ...(settings.workerYoungMb === undefined ? {} : { maxYoungGenerationSizeMb: settings.workerYoungMb }),
    },
    stuckGraceMs: settings.stuckGraceMs,
    onLoaded: (loaded) => {
      report = { plugins: loaded.plugins, failures: [...found.failures, ...loaded.failures] };
      for (const { name, reason, stack } of report.failures)
        log.error('plugin left out', { plugin: name, reason, stack });
      tools = numberTools(report.plugins, settings);
      front.route(new Routes(tools, settings.defaultPlugin));
      return tools;
    },
    onAvailability: (available) => front.refuse(available ? undefined : 'NOT_READY'),
  });

  const healthNow = (): Health => ({
    stopping: stopping !== undefined,
    workers: { wanted: settings.workers, serving: pool.serving },
    plugins: {
      loaded: report.plugins.map(({ name, version, tools: own }) => ({
        name,
        version,
        tools: own.map((tool) => tool.name),
      })),
      failed: report.failures.map(({ name, reason }) => ({ name, reason })),
    },
    calls: { waiting: arena.submissions.depth(), inFlight: dispatcher.inFlight },
    stale: watch?.stale() ?? [],
    uptimeSeconds: Math.round(process.uptime()),
  });
  const metrics = lazily(async () => {
    const { createMetrics } = await import('../telemetry/metrics.ts');
    return createMetrics({ meters, seats, arena, dispatcher, front, pool, tools: () => tools });
  });
  const admin = new AdminServer({
    '/livez': live,
    '/readyz': () => ready(healthNow()),
    '/healthz': () => health(healthNow()),
    '/metrics': async () => {
      const registry = await metrics();
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    },
  });

  const adminPort = await admin.listen(settings.adminHost, settings.adminPort);
  await pool.start();
  const port = await front.listen(settings.host, settings.port);
  // After the first call can be answered: serving does not depend on it.
  const watching = watchPlugins(
    settings.plugins,
    (plugin) => log.warn('plugin files have changed since they were loaded; restart to run them', { plugin }),
    (error) => log.warn('the plugin folder cannot be watched', { error }),
  ).then((running) => {
    watch = running;
  });

  const scheme = settings.tlsKey === undefined ? 'http' : 'https';
  return {
    url: `${scheme}://${inUrl(settings.host)}:${port}`,
    adminUrl: `http://${inUrl(settings.adminHost)}:${adminPort}`,
    stop(reason) {
      stopping ??= (async () => {
        log.info('stopping', { reason, inFlight: dispatcher.inFlight });
        await shutDown({ front, dispatcher, pool, admin, log }, settings.drainMs);
        await watching;
        await watch?.close();
      })();
      return stopping;
    },
  };
}

function makeArena(settings: Settings, seats: number): ArenaHandle {
  const shape = shapeFor({
    fronts: 1,
    seats,
    waiting: settings.queueLimit,
    started: seats * settings.concurrency,
  });
  return createArena(shape, newEpoch());
}

function meterMainThread(meters: Meters, row: SeatIndex): void {
  const gc = new PerformanceObserver((list) => {
    for (const pause of list.getEntries()) meters.recordGc(row, pause.duration * 1000);
  });
  gc.observe({ entryTypes: ['gc'] });
}

function sourcesOf(
  found: Discovery,
  settings: Settings,
): { name: string; entry: string; config: Readonly<Record<string, unknown>> }[] {
  return found.plugins.map(({ name, entry }) => ({
    name,
    entry,
    config: settings.pluginSettings[name]?.config ?? {},
  }));
}

function tlsOf({ tlsKey, tlsCert, tlsPassphrase }: Settings): TlsFiles | undefined {
  if (tlsKey === undefined || tlsCert === undefined) return undefined;
  return { key: tlsKey, cert: tlsCert, passphrase: tlsPassphrase };
}

/** The least important level a worker's line may have and still be written. */
function workerLogLevel({ logLevel }: Settings): 'debug' | 'info' | 'warn' | 'error' {
  switch (logLevel) {
    case 'trace':
      return 'debug';
    case 'fatal':
    case 'silent':
      return 'error';
    default:
      return logLevel;
  }
}

/** An IPv6 address in a URL stands in brackets. */
function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The value of `make`, made at the first call. */
function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
