/**
 * Puts a server together.
 *
 *   arena ─► first thread starts ─► versions to begin with ─► it loads them ─► front and admin port are made meanwhile
 *                                                             it serves ─► front listens, the other workers start
 *
 * Threads start before the front's library is loaded: a worker takes longer to start than all the rest.
 */
import { once } from 'node:events';
import { PerformanceObserver } from 'node:perf_hooks';
import { readManifest } from '../config/manifest.ts';
import type { Settings } from '../config/settings.ts';
import type { FrontIndex, SeatIndex } from '../core/brand.ts';
import { Clock, newEpoch } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import type { EventCallbacks } from '../events/event-callbacks.ts';
import type { TlsFiles } from '../front/tls.ts';
import { WorkerPool } from '../pool/worker-pool.ts';
import { StoreError } from '../registry/store-error.ts';
import type { ActionReport, ReloadControl } from '../reload/control.ts';
import type { ReloadHost } from '../reload/host.ts';
import { ReloadStats } from '../reload/reload-stats.ts';
import { VersionNumbers } from '../reload/version-numbers.ts';
import { type ArenaHandle, attachArena, createArena, shapeFor } from '../shm/arena.ts';
import { MOST_SEATS } from '../shm/layout.ts';
import { createMeters, Meters } from '../shm/meters.ts';
import { createPauses, Pauses } from '../shm/pauses.ts';
import { OutboundTotals } from '../telemetry/outbound-totals.ts';
import { gcPause } from '../wire/gc-pause.ts';
import { OUTCOMES } from '../wire/outcome.ts';
import { newIdPrefix } from '../wire/request-id.ts';
import type { Authentication } from './authentication.ts';
import { brokenCircuits } from './broken-circuits.ts';
import type { EventSources } from './events.ts';
import { asksForAuthentication, Guards } from './guards.ts';
import { logCircuit } from './log-circuit.ts';
import { logReport } from './log-report.ts';
import { NewCode } from './new-code.ts';
import type { OAuth } from './oauth.ts';
import { outboundPolicy, outboundSettings } from './outbound-rules.ts';
import { notServed, Pages } from './pages.ts';
import type { PluginSupply } from './plugin-supply.ts';
import { shutDown } from './shutdown.ts';
import { StartGivenUp } from './start-given-up.ts';
import { ToolTable } from './tool-table.ts';

/** Seats beside the wanted workers, for replacements and for threads that cannot be ended yet. */
const SPARE_SEATS = 2;
const FRONT = 0 as FrontIndex;
const NO_CONSENT = notServed('/oauth/coze/authorize', 'GET', 'cozeClientId');

export interface RunningServer {
  /** Where the plugins are served, as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where the admin server answers. */
  readonly adminUrl: string;
  /** Finishes the calls in flight and resolves when all is over. */
  stop(reason: string): Promise<void>;
  /** What operators can do to the plugins. */
  readonly control: ReloadControl;
}

/** Hears how each change of the plugins ended, whoever asked for it. */
export type ReportListener = (report: ActionReport) => void;

/**
 * Resolves when the first worker serves and both ports listen; rejects with EADDRINUSE where one is taken. Workers that do
 * not come up are tried again and again, and the admin port says that nothing is served; `giveUp` ends that, with
 * StartGivenUp. A server that could not start leaves no thread and no open port behind.
 */
export async function startServer(
  settings: Settings,
  log: Log,
  onReport: ReportListener = (report) => logReport(log, report),
  giveUp: AbortSignal = new AbortController().signal,
): Promise<RunningServer> {
  const opened = new AsyncDisposableStack();
  try {
    return await assemble(settings, log, onReport, giveUp, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

/** Puts into `opened` what must be closed again if a later step fails. */
async function assemble(
  settings: Settings,
  log: Log,
  onReport: ReportListener,
  giveUp: AbortSignal,
  opened: AsyncDisposableStack,
): Promise<RunningServer> {
  const seats = Math.min(MOST_SEATS, 2 * settings.workers + SPARE_SEATS);
  const handle = makeArena(settings, seats);
  const arena = attachArena(handle);
  // One row more than seats: the main thread's.
  const metersShape = { fronts: handle.shape.fronts, seats: seats + 1, outcomes: OUTCOMES };
  const metersMemory = createMeters(metersShape);
  const meters = new Meters(metersMemory, metersShape);
  const clock = new Clock(handle.epoch);
  const pausesMemory = createPauses(seats + 1);
  const pauses = new Pauses(pausesMemory);
  watchMainThread(meters, pauses, clock, seats as SeatIndex);
  const idPrefix = newIdPrefix();
  const authentication = await openAuthentication(settings);
  const table = new ToolTable(settings, new Guards(settings, authentication, log), log);
  let showRoutes: (() => void) | undefined;
  const versions = new VersionNumbers();

  const host: ReloadHost = {
    log,
    configOf: (plugin) => settings.pluginSettings[plugin]?.config ?? {},
    outboundOf: (plugin) => outboundPolicy(settings, plugin),
    standBy: () => pool.standBy(),
    deployed: () => pool.deployed,
    roll: (to, doubts) => pool.roll(to, doubts),
    publish: (plugins, inactive) => {
      table.publish(plugins, inactive);
      for (const [tool, rules] of table.rules()) dispatcher.setRules(tool, rules);
      for (const tool of newCode.toolsOf(pool.deployed, table)) dispatcher.renew(tool);
      showRoutes?.();
    },
    waitingCalls: (tools) => dispatcher.waitingOf(table.idsOf(tools)),
    longestWaitMs: () => table.longestTimeoutMs,
    countsOf: (version) => dispatcher.versions.of(version),
    circuitsOf: (plugin) => brokenCircuits(dispatcher.circuits(), table, plugin),
  };
  const oauth = await openOAuth(settings, log);
  opened.defer(() => oauth?.close());
  const newCode = new NewCode();
  const outbound = new OutboundTotals();
  const dispatcher = new Dispatcher({
    arena,
    front: FRONT,
    clock,
    meters,
    queueLimit: settings.queueLimit,
    workers: settings.workers,
    concurrency: settings.concurrency,
    fairShare: settings.fairShare,
    circuit: {
      failurePercent: settings.breakerFailurePercent,
      windowMs: settings.breakerWindowMs,
      minCalls: settings.breakerMinCalls,
      pauseMs: settings.breakerPauseMs,
    },
    onCircuit: (tool, state, counts) => logCircuit(log, table.nameOf(tool), state, counts, settings),
    phases: settings.phases,
    post: (seat, message) => pool.post(seat, message),
    onOverdue: (seat) => pool.watch(seat),
  });
  const pool: WorkerPool = new WorkerPool({
    arena,
    dispatcher,
    log,
    size: settings.workers,
    task: {
      arena: handle,
      concurrency: settings.concurrency,
      idPrefix,
      logLevel: workerLogLevel(settings),
      meters: { memory: metersMemory, shape: metersShape },
      stallMs: settings.stallMs,
      pauses: pausesMemory,
      phases: settings.phases,
      outbound: outboundSettings(settings),
      coze: oauth?.coze,
    },
    memory: {
      heapMb: settings.workerHeapMb,
      youngMb: settings.workerYoungMb,
      workerMb: settings.workerMemoryMb,
      processMb: settings.processMemoryMb,
    },
    stuckGraceMs: settings.stuckGraceMs,
    zombieLimit: settings.zombieLimit,
    bind: (plugins) => table.bind(plugins),
    toolName: (id) => table.known[id],
    onLoaded: (report) => supply.started(report),
    drainMs: () => table.longestTimeoutMs + 1000,
    onLost: (lost) => supply.workerLost(lost),
    onOutbound: (seat, hosts) => outbound.record(seat, hosts),
    onCozeToken: (user) => oauth?.token(user) ?? Promise.resolve({ kind: 'unavailable' }),
    onThreadEnd: (seat) => outbound.forget(seat),
  });

  pool.warmUp();
  opened.defer(() => pool.stop(0));

  const reloads = new ReloadStats();
  const supply = await openSupply(settings, host, versions, (report) => {
    reloads.record(report);
    onReport(report);
  });
  opened.defer(() => supply.close());
  const firstWorker = pool.start(supply.deployment);

  const { HttpFront } = await import('../front/http-front.ts');
  const front = new HttpFront({
    dispatcher,
    clock: settings.phases ? clock : undefined,
    serverTiming: settings.serverTiming,
    idPrefix,
    log,
    logSample: settings.logSample,
    tls: tlsOf(settings),
    isAvailable: () => pool.available,
    versionName: (version) => versions.nameOf(version),
  });
  const events = await openEvents(settings, { settings, authentication, dispatcher, table, log });
  const pages = new Pages({
    settings,
    events,
    table,
    version: readManifest().version,
    url: () => url,
  });
  let url = '';
  const route = (): void =>
    front.route(table.routes([...pages.current(), ...(oauth?.pages ?? [NO_CONSENT])]));
  showRoutes = route;
  const { makeAdmin } = await import('./admin.ts');
  let stopping: Promise<void> | undefined;
  const admin = makeAdmin({
    settings,
    meters,
    seats,
    arena,
    dispatcher,
    front,
    pool,
    table,
    control: supply.control,
    pauses,
    reloads,
    outbound,
    events: events?.counts,
    tokens: oauth?.answers,
    grants: oauth?.grants,
    isStopping: () => stopping !== undefined,
  });
  opened.defer(() => admin.close());
  const adminPort = await admin.listen(settings.adminHost, settings.adminPort);
  await Promise.race([Promise.all([firstWorker, oauth?.started]), refused(giveUp)]);
  route();
  const port = await front.listen(settings.host, settings.port);
  supply.watch();

  const scheme = settings.tlsKey === undefined ? 'http' : 'https';
  url = `${scheme}://${inUrl(settings.host)}:${port}`;
  return {
    url,
    adminUrl: `http://${inUrl(settings.adminHost)}:${adminPort}`,
    control: supply.control,
    stop(reason) {
      stopping ??= (async () => {
        log.info('stopping', { reason, inFlight: dispatcher.inFlight });
        const supplied = supply.close();
        await shutDown({ front, dispatcher, pool, admin, log }, settings.drainMs);
        await supplied;
        await oauth?.close();
      })();
      return stopping;
    },
  };
}

/** Rejects when the start is given up, and does nothing else. */
async function refused(giveUp: AbortSignal): Promise<never> {
  if (!giveUp.aborted) await once(giveUp, 'abort');
  throw new StartGivenUp('told to stop before any worker served');
}

/** Loaded only where the settings want it, as what follows. */
async function openAuthentication(settings: Settings): Promise<Authentication | undefined> {
  if (!asksForAuthentication(settings)) return undefined;
  const { Authentication } = await import('./authentication.ts');
  return new Authentication();
}

async function openEvents(
  { callbackToken }: Settings,
  sources: Omit<EventSources, 'authentication'> & { readonly authentication: Authentication | undefined },
): Promise<EventCallbacks | undefined> {
  const { authentication } = sources;
  if (callbackToken === undefined || authentication === undefined) return undefined;
  const { makeEvents } = await import('./events.ts');
  return makeEvents(callbackToken, { ...sources, authentication });
}

async function openOAuth(settings: Settings, log: Log): Promise<OAuth | undefined> {
  const { cozeClientId, cozeClientSecret, cozeTokenKeys } = settings;
  if ([cozeClientId, cozeClientSecret, cozeTokenKeys].every((value) => value === undefined)) return undefined;
  const { openOAuth: open } = await import('./oauth.ts');
  return open(settings, log);
}

/** Where versions cannot be kept, the folder is served as it is: a server that serves beats one that reloads. */
async function openSupply(
  settings: Settings,
  host: ReloadHost,
  versions: VersionNumbers,
  onReport: ReportListener,
): Promise<PluginSupply> {
  if (settings.hotReload) {
    const { WatchedPlugins } = await import('./watched-plugins.ts');
    try {
      return await WatchedPlugins.open(settings, host, versions, onReport);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      host.log.error('hot reload is off: versions cannot be kept (stateDir)', { error });
    }
  }
  const { FixedPlugins } = await import('./fixed-plugins.ts');
  return new FixedPlugins(settings.plugins, versions, host);
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

function watchMainThread(meters: Meters, pauses: Pauses, clock: Clock, row: SeatIndex): void {
  const gc = new PerformanceObserver((list) => {
    for (const pause of list.getEntries()) {
      meters.recordGc(row, pause.duration * 1000);
      pauses.record(row, gcPause(pause, clock));
    }
  });
  gc.observe({ entryTypes: ['gc'] });
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
