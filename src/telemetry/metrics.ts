/**
 * Everything counted, as Prometheus metrics.
 *
 * Nothing is recorded here: counts live in shared memory or with their owners, and are read when somebody
 * asks. So a scrape costs a scrape, and a request nothing.
 */
import type { Registry } from 'prom-client';
import { registerCalls } from './call-metrics.ts';
import type { MetricSources } from './metric-sources.ts';
import { registerPlugins } from './plugin-metrics.ts';
import { registerProcess } from './process-metrics.ts';
import { Register } from './register.ts';
import { registerWorkers } from './worker-metrics.ts';

/** A registry whose values are read from `sources` at every scrape. */
export function createMetrics(sources: MetricSources): Registry {
  const register = new Register();
  registerCalls(register, sources);
  registerWorkers(register, sources);
  registerPlugins(register, sources);
  registerProcess(register);
  return register.registry;
}
