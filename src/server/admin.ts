/**
 * What the admin port answers, read from the parts of the server at the moment it is asked.
 */
import { AdminServer } from '../admin/admin-server.ts';
import { type Grants, grantEndpoints } from '../admin/grant-endpoints.ts';
import { type Health, health, live, ready } from '../admin/health.ts';
import { type Insight, insightEndpoints } from '../admin/insight-endpoints.ts';
import { pluginEndpoints } from '../admin/plugin-endpoints.ts';
import type { Settings } from '../config/settings.ts';
import type { PluginView, ReloadControl } from '../reload/control.ts';
import type { Pauses } from '../shm/pauses.ts';
import type { MetricSources } from '../telemetry/metric-sources.ts';
import type { ToolTable } from './tool-table.ts';

export interface AdminSources extends Omit<MetricSources, 'tools' | 'plugins'> {
  readonly settings: Settings;
  readonly table: ToolTable;
  readonly control: ReloadControl;
  /** By seat, and the main thread's behind them. */
  readonly pauses: Pauses;
  /** Undefined: the settings name no OAuth app. */
  readonly grants: Grants | undefined;
  readonly isStopping: () => boolean;
}

export function makeAdmin(sources: AdminSources): AdminServer {
  const { settings, table, pool, dispatcher, control } = sources;
  const now = (): Health => ({
    stopping: sources.isStopping(),
    workers: {
      wanted: settings.workers,
      serving: pool.serving,
      zombies: pool.zombies.count,
      zombieLimit: settings.zombieLimit,
    },
    plugins: pluginsOf(control.plugins()),
    calls: { waiting: dispatcher.queued, inFlight: dispatcher.inFlight },
    uptimeSeconds: Math.round(process.uptime()),
  });
  const metrics = lazily(async () => {
    const { createMetrics } = await import('../telemetry/metrics.ts');
    return createMetrics({ ...sources, tools: () => table.known, plugins: () => control.plugins() });
  });
  const insight = lazily(async (): Promise<Insight> => {
    const { makeInsight } = await import('./insight.ts');
    return makeInsight(sources);
  });
  return new AdminServer(
    {
      '/livez': live,
      '/readyz': () => ready(now()),
      '/healthz': () => health(now()),
      '/metrics': async () => {
        const { contentType, text } = await metrics();
        return { status: 200, type: contentType, body: await text() };
      },
      ...pluginEndpoints(control),
      ...insightEndpoints(insight),
      ...grantEndpoints(sources.grants),
    },
    [settings.adminHost],
  );
}

function pluginsOf(views: readonly PluginView[]): Health['plugins'] {
  const serving = views.filter(({ version }) => version !== undefined);
  return {
    loaded: serving.map(({ name, version = '', tools }) => ({ name, version, tools })),
    failed: reasonsOf(views.filter(({ version }) => version === undefined)),
    refused: reasonsOf(serving),
  };
}

function reasonsOf(views: readonly PluginView[]): { readonly name: string; readonly reason: string }[] {
  return views.flatMap(({ name, rejected }) =>
    rejected === undefined ? [] : [{ name, reason: rejected.problem.reason }],
  );
}

/** The value of `make`, made at the first call. */
function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
