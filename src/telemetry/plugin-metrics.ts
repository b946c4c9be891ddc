/** The plugins: what serves, how it came there, and whom it calls. */
import { RELOAD_BOUNDS } from '../reload/reload-stats.ts';
import { shortHash } from '../reload/version-numbers.ts';
import type { MetricSources } from './metric-sources.ts';
import type { Register } from './register.ts';
import type { Labels } from './shared-histogram.ts';

export function registerPlugins(register: Register, sources: MetricSources): void {
  register.counter('hotlane_reloads_total', 'Changes of the plugins by how they ended.', ['outcome'], () =>
    [...sources.reloads.outcomes].map(([outcome, count]) => [{ outcome }, count]),
  );
  register.histogram(
    'hotlane_reload_duration_seconds',
    'From the begin of a roll to its end.',
    RELOAD_BOUNDS,
    () => [[{}, sources.reloads.durations]],
  );
  register.gauge(
    'hotlane_worker_generation',
    'Generation the workers run; each completed roll begins one.',
    [],
    () => [[{}, sources.reloads.generation]],
  );
  register.gauge(
    'hotlane_plugin_info',
    'Plugins and the version that serves.',
    ['plugin', 'version', 'hash', 'state'],
    () =>
      sources
        .plugins()
        .map(({ name, version = '', hash = '', state }): [Labels, number] => [
          { plugin: name, version, hash: shortHash(hash), state },
          1,
        ]),
  );
  register.counter(
    'hotlane_outbound_requests_total',
    'Requests of ctx.fetch to other hosts by how they ended.',
    ['host', 'result'],
    () => sources.outbound.requests().map(({ host, result, count }) => [{ host, result }, count]),
  );
  register.gauge('hotlane_outbound_connections', 'Connections of ctx.fetch that are open.', ['host'], () =>
    sources.outbound.standings().map(({ host, connections }) => [{ host }, connections]),
  );
  register.gauge('hotlane_outbound_pending', 'Requests of ctx.fetch under way.', ['host'], () =>
    sources.outbound.standings().map(({ host, pending }) => [{ host }, pending]),
  );
  register.gauge(
    'hotlane_outbound_circuit',
    'Workers by the state of their circuit of a host.',
    ['host', 'state'],
    () =>
      sources.outbound
        .standings()
        .flatMap(({ host, circuits }) => [...circuits].map(([state, workers]) => [{ host, state }, workers])),
  );
}
