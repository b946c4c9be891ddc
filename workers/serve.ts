/**
 * The one long task of a worker thread: load the plugins, serve calls until drained, dispose, return.
 * Piscina runs it; when it returns, the thread goes.
 */
import { PerformanceObserver } from 'node:perf_hooks';
import type { MessagePort } from 'node:worker_threads';
import { Clock } from '../src/core/clock.ts';
import { attachArena } from '../src/shm/arena.ts';
import { MemoryReadings } from '../src/shm/memory-readings.ts';
import { Meters } from '../src/shm/meters.ts';
import { Pauses } from '../src/shm/pauses.ts';
import type { PluginFailure, ServedPlugin } from '../src/wire/catalogue.ts';
import type { ControlFromWorker } from '../src/wire/from-worker.ts';
import { gcPause } from '../src/wire/gc-pause.ts';
import type { ControlToWorker, LaneToWorker, ServeTask } from '../src/wire/to-worker.ts';
import { bindTools } from './bind-tools.ts';
import { captureOutput } from './captured-output.ts';
import { CozeService } from './coze/coze-service.ts';
import { surviveFaults } from './faults.ts';
import { LeakSites } from './leak-sites.ts';
import { LeakWatch } from './leak-watch.ts';
import { Leftovers } from './leftovers.ts';
import { type LoadedPlugin, loadPlugin } from './load-plugin.ts';
import { Niceness } from './niceness.ts';
import { Outbound } from './outbound/outbound.ts';
import { providePluginApi } from './plugin-api.ts';
import { startPulse } from './pulse.ts';
import { Runner } from './runner.ts';
import { ServeLoop } from './serve-loop.ts';
import { StallWatch } from './stall-watch.ts';
import { messageOf, stackOf } from './thrown.ts';
import { ToolCosts } from './tool-costs.ts';
import { confineImports } from './version-imports.ts';
import { createWorkerLog, type WorkerLog } from './worker-log.ts';

/** Serves until the supervisor asks for a drain. */
export default async function serve(task: ServeTask): Promise<void> {
  const { control, seat } = task;
  const log = createWorkerLog(control, task.logLevel);
  const tell = (message: ControlFromWorker): void => control.postMessage(message);
  captureOutput(log);
  // Before the first line of a plugin runs: what it throws from a timer must not end the thread even then.
  let runner: Runner | undefined;
  surviveFaults(log, (call, error) => runner?.fault(call, error));
  providePluginApi();

  const load = await nextOrder(control);
  const sources = load.type === 'load' ? load.plugins : [];
  confineImports(sources);
  const leftovers = new Leftovers();
  const { plugins, failures } = await loadAll(sources, leftovers, log, tell);
  const next = nextOrder(control);
  tell({ type: 'loaded', plugins: plugins.map(({ manifest }) => manifest), failures });
  const go = await next;
  const outbound = new Outbound(
    task.outbound,
    (hosts) => tell({ type: 'outbound', hosts }),
    log,
    (ms) => stalls.excused(ms),
  );
  const coze = new CozeService(task.coze, (question, user) => tell({ type: 'coze-token', question, user }));
  control.on('message', (message: ControlToWorker) => {
    if (message.type === 'coze-token') coze.receive(message.question, message.answer);
  });
  const tools = bindTools(plugins, sources, go.type === 'serve' ? go.tools : [], outbound, coze, log);

  const arena = attachArena(task.arena);
  const clock = new Clock(task.arena.epoch);
  const meters = new Meters(task.meters.memory, task.meters.shape);
  const pauses = new Pauses(task.pauses);
  const costs = new ToolCosts(tools.length);
  runner = new Runner({
    arena,
    seat,
    clock,
    meters: task.phases ? meters : undefined,
    costs,
    lanes: task.lanes,
    tools,
    idPrefix: task.idPrefix,
    log,
    onSettled: () => loop.afterSettled(),
  });
  const stalls = new StallWatch({
    stallMs: task.stallMs,
    seat,
    clock,
    pauses,
    log,
    tools,
    started: () => runner?.started ?? [],
  });
  const loop: ServeLoop = new ServeLoop({
    arena,
    seat,
    clock,
    meters,
    runner,
    costs,
    concurrency: task.concurrency,
    stalls,
    niceness: new Niceness(),
  });
  const leaks = new LeakWatch({ log, sites: new LeakSites(sources), calls: () => loop.calls });
  const stopPulse = startPulse({ seat, readings: new MemoryReadings(task.memory), stalls, leaks });
  listen(task.lanes, runner, loop);
  const gc = new PerformanceObserver((list) => {
    for (const pause of list.getEntries()) {
      meters.recordGc(seat, pause.duration * 1000);
      const kept = gcPause(pause, clock);
      pauses.record(seat, kept);
      stalls.excused(kept.duration);
      if (kept.kind === 'gc-full') leaks.collected();
    }
  });
  gc.observe({ entryTypes: ['gc'] });

  tell({ type: 'serving' });
  await loop.run();

  // All at once: one that hangs must not keep the others from theirs.
  await Promise.all(
    plugins.map(async ({ manifest, dispose }) => {
      const error = await dispose();
      if (error !== undefined) log.error('dispose failed', { plugin: manifest.name, error });
    }),
  );
  gc.disconnect();
  stopPulse();
  leaks.close();
  await outbound.close();
  for (const { plugins: suspects, what } of await leftovers.find(tools)) {
    log.warn('a plugin left something behind after dispose', { plugin: suspects.join(' or '), what });
  }
  tell({ type: 'drained' });
  for (const port of [control, ...task.lanes]) port.close();
}

/** One after the other, so that a crash or a hang can be blamed on the plugin announced last. */
async function loadAll(
  sources: readonly ServedPlugin[],
  leftovers: Leftovers,
  log: WorkerLog,
  tell: (message: ControlFromWorker) => void,
): Promise<{ readonly plugins: readonly LoadedPlugin[]; readonly failures: readonly PluginFailure[] }> {
  const plugins: LoadedPlugin[] = [];
  const failures: PluginFailure[] = [];
  for (const source of sources) {
    tell({ type: 'loading', plugin: source.name });
    try {
      const init = { logger: log.child({ plugin: source.name }), config: source.config };
      plugins.push(
        await leftovers.whileLoading(source.name, () =>
          loadPlugin(source, init, source.isJudged ? 'checked' : 'unchecked'),
        ),
      );
    } catch (error) {
      failures.push({
        name: source.name,
        reason: messageOf(error),
        stack: stackOf(error),
      });
    }
  }
  return { plugins, failures };
}

function nextOrder(control: MessagePort): Promise<ControlToWorker> {
  return new Promise((resolve) => {
    control.once('message', resolve);
  });
}

function listen(lanes: readonly MessagePort[], runner: Runner, loop: ServeLoop): void {
  for (const lane of lanes) {
    lane.on('message', (message: LaneToWorker) => {
      if (typeof message === 'object') runner.receive(message);
      loop.wake();
    });
  }
}
