/** Metrics whose values are read from their owners at every scrape. Only this, the histogram and the text's writer import prom-client. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { HistogramReading } from '../shm/meters.ts';
import { type Labels, SharedHistogram } from './shared-histogram.ts';

export type Samples = readonly (readonly [Labels, number])[];

export class Register {
  readonly registry = new Registry();

  /** A number that only grows. */
  counter(name: string, help: string, labelNames: string[], read: () => Samples): void {
    this.registry.registerMetric(new Counter({ name, help, labelNames, ...readBy(read) }));
  }

  /** A number that goes up and down. */
  gauge(name: string, help: string, labelNames: string[], read: () => Samples): void {
    this.registry.registerMetric(new Gauge({ name, help, labelNames, ...readBy(read) }));
  }

  /** `bounds` in seconds, without +Inf. */
  histogram(
    name: string,
    help: string,
    bounds: readonly number[],
    read: () => readonly (readonly [Labels, HistogramReading])[],
  ): void {
    this.registry.registerMetric(new SharedHistogram({ name, help, bounds, read }));
  }
}

/** A metric that starts from nothing at every scrape. */
interface Restarted {
  reset(): void;
  inc(labels: Labels, value: number): void;
}

function readBy(read: () => Samples): { registers: []; collect(this: Restarted): void } {
  return {
    registers: [],
    collect() {
      this.reset();
      for (const [labels, value] of read()) this.inc(labels, value);
    },
  };
}
