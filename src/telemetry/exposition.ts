/**
 * The text of all metrics. The library would write it in one go, in the thread that answers calls: some ten milliseconds
 * with six tools, more than fifty with sixty. Here the event loop gets its turns in between, after three at most.
 */
import type { Registry } from 'prom-client';
import { TimeSlice } from '../core/time-slice.ts';
import { SharedHistogram } from './shared-histogram.ts';

/** What `registry.metrics()` would give. */
export async function expositionOf(registry: Registry): Promise<string> {
  const slice = new TimeSlice();
  const texts: string[] = [];
  for (const metric of registry.getMetricsAsArray()) {
    const isOurs = metric instanceof SharedHistogram;
    texts.push(isOurs ? await metric.text(slice) : await registry.getSingleMetricAsString(metric.name));
    if (slice.isOver) await slice.next();
  }
  return `${texts.join('\n\n')}\n`;
}
