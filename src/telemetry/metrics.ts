/**
 * Everything counted, as Prometheus metrics.
 *
 * Nothing is recorded here: counts live in shared memory or with their owners, and are read when somebody
 * asks. So a scrape costs a scrape, and a request nothing.
 */
import { registerCalls } from './call-metrics.ts';
import { expositionOf } from './exposition.ts';
import type { MetricSources } from './metric-sources.ts';
import { registerOAuth } from './oauth-metrics.ts';
import { registerPlugins } from './plugin-metrics.ts';
import { registerProcess } from './process-metrics.ts';
import { Register } from './register.ts';
import { registerWorkers } from './worker-metrics.ts';

export interface Metrics {
  readonly contentType: string;
  /** All values as they are now. */
  text(): Promise<string>;
}

/** Metrics whose values are read from `sources` at every scrape. */
export function createMetrics(sources: MetricSources): Metrics {
  const register = new Register();
  registerCalls(register, sources);
  registerWorkers(register, sources);
  registerPlugins(register, sources);
  registerOAuth(register, sources);
  registerProcess(register);
  const { registry } = register;
  return { contentType: registry.contentType, text: () => expositionOf(registry) };
}
