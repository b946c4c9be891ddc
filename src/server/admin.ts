/**
 * What the admin port answers, read from the parts of the server at the moment it is asked.
 */
import { AdminServer } from '../admin/admin-server.ts';
import { type Health, health, live, ready } from '../admin/health.ts';
import type { Settings } from '../config/settings.ts';
import type { MetricSources } from '../telemetry/metrics.ts';
import type { ToolTable } from './tool-table.ts';

export interface AdminSources extends Omit<MetricSources, 'tools'> {
  readonly settings: Settings;
  readonly table: ToolTable;
  readonly isStopping: () => boolean;
  /** Plugins whose files have changed since they were loaded. */
  readonly stale: () => readonly string[];
}

export function makeAdmin(sources: AdminSources): AdminServer {
  const { settings, table, pool, arena, dispatcher } = sources;
  const now = (): Health => ({
    stopping: sources.isStopping(),
    workers: { wanted: settings.workers, serving: pool.serving },
    plugins: {
      loaded: table.plugins.map(({ name, version, tools }) => ({
        name,
        version,
        tools: tools.map((tool) => tool.name),
      })),
      failed: table.failures.map(({ name, reason }) => ({ name, reason })),
    },
    calls: { waiting: arena.submissions.depth(), inFlight: dispatcher.inFlight },
    stale: sources.stale(),
    uptimeSeconds: Math.round(process.uptime()),
  });
  const metrics = lazily(async () => {
    const { createMetrics } = await import('../telemetry/metrics.ts');
    return createMetrics({ ...sources, tools: () => table.known });
  });
  return new AdminServer({
    '/livez': live,
    '/readyz': () => ready(now()),
    '/healthz': () => health(now()),
    '/metrics': async () => {
      const registry = await metrics();
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    },
  });
}

/** The value of `make`, made at the first call. */
function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
