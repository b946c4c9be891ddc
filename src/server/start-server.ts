/**
 * Puts a server together: shared memory, dispatcher, pool, front, admin port.
 *
 *   discover plugins ─► arena ─► workers (load the plugins) ─► routes ─► front listens ─► ready
 */

import type { Settings } from '../config/settings.ts';
import type { FrontIndex, ToolId } from '../core/brand.ts';
import { Clock, newEpoch } from '../core/clock.ts';
import type { Log } from '../core/log.ts';
import { Dispatcher } from '../dispatch/dispatcher.ts';
import { HttpFront } from '../front/http-front.ts';
import { type RoutedTool, Routes } from '../front/routes.ts';
import type { LoadReport } from '../pool/thread.ts';
import { WorkerPool } from '../pool/worker-pool.ts';
import { discoverPlugins } from '../registry/discover.ts';
import { attachArena, createArena, shapeFor } from '../shm/arena.ts';
import { createMeters, Meters } from '../shm/meters.ts';
import { OUTCOMES } from '../wire/outcome.ts';
import { newIdPrefix } from '../wire/request-id.ts';

/** Seats beside the wanted workers: one replacement each, and room for threads that cannot be ended yet. */
const SPARE_SEATS = 2;
const FRONT = 0 as FrontIndex;

export interface RunningServer {
  readonly url: string;
  readonly adminUrl: string;
  stop(reason: string): Promise<void>;
}

export async function startServer(settings: Settings, log: Log): Promise<RunningServer> {
  const found = discoverPlugins(settings.plugins);
  const seats = Math.min(64, 2 * settings.workers + SPARE_SEATS);
  const shape = shapeFor({
    fronts: 1,
    seats,
    waiting: settings.queueLimit,
    started: seats * settings.concurrency,
  });
  const handle = createArena(shape, newEpoch());
  const arena = attachArena(handle);
  const clock = new Clock(handle.epoch);
  const metersShape = { fronts: 1, seats, outcomes: OUTCOMES };
  const metersMemory = createMeters(metersShape);
  const meters = new Meters(metersMemory, metersShape);
  const idPrefix = newIdPrefix();

  const dispatcher = new Dispatcher({
    arena,
    front: FRONT,
    clock,
    meters,
    queueLimit: settings.queueLimit,
    post: (seat, message) => pool.post(seat, message),
    onOverdue: (seat) => pool.watch(seat),
  });
  let tools: readonly RoutedTool[] = [];
  const pool: WorkerPool = new WorkerPool({
    arena,
    dispatcher,
    log,
    size: settings.workers,
    plugins: found.plugins.map(({ name, entry }) => ({
      name,
      entry,
      config: settings.pluginSettings[name]?.config ?? {},
    })),
    task: {
      arena: handle,
      concurrency: settings.concurrency,
      idPrefix,
      logLevel: 'debug',
      meters: { memory: metersMemory, shape: metersShape },
    },
    limits: {
      maxOldGenerationSizeMb: settings.workerHeapMb,
      ...(settings.workerYoungMb === undefined ? {} : { maxYoungGenerationSizeMb: settings.workerYoungMb }),
    },
    stuckGraceMs: settings.stuckGraceMs,
    onLoaded: (report) => {
      tools = numberTools(report, settings);
      for (const { name, reason, stack } of [...found.failures, ...report.failures]) {
        log.error('plugin left out', { plugin: name, reason, stack });
      }
      return tools.map(({ id, plugin, tool }) => ({ id, plugin, tool }));
    },
  });
  await pool.start();
  const front = new HttpFront({
    dispatcher,
    routes: new Routes(tools, settings.defaultPlugin),
    idPrefix,
    log,
    logSample: settings.logSample,
    tls: undefined,
  });
  const port = await front.listen(settings.host, settings.port);
  return {
    url: `http://${settings.host}:${port}`,
    adminUrl: '',
    async stop() {
      front.stopAccepting();
      await dispatcher.whenEmpty();
      front.close();
      await pool.stop(1000);
    },
  };
}

/** Gives every tool of the report its number and its deadline. */
function numberTools(report: LoadReport, settings: Settings): RoutedTool[] {
  return report.plugins
    .flatMap(({ name: plugin, tools }) => tools.map((tool) => ({ plugin, ...tool })))
    .map(({ plugin, name, timeoutMs }, index) => {
      const own = settings.pluginSettings[plugin];
      return {
        id: index as ToolId,
        plugin,
        tool: name,
        timeoutMs: own?.tools?.[name]?.timeoutMs ?? own?.timeoutMs ?? timeoutMs ?? settings.timeoutMs,
      };
    });
}
