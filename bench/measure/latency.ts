/** Latency of a server under open-loop load. */
import { Histogram } from '../load/histogram.ts';
import { runGenerator } from '../load/node-generator.ts';
import { type OpenLoopOrder, type OpenLoopReport, ticksPerMs } from '../load/open-loop.ts';
import type { Sighting } from '../load/sightings.ts';
import { busyCpuSeconds } from '../process/machine-cpu.ts';
import type { Server } from '../variants/server.ts';

export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Requests of the measured part, and how many of them were answered. */
  readonly planned: number;
  readonly answered: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Sent over a millisecond late for want of a free connection. */
  readonly lateNoConnection: number;
  /** Sent over a millisecond late by the sender's own fault. */
  readonly lateSender: number;
  /** How far the sender was behind its plan. */
  readonly behindP99Ms: number;
  /** The sender fell behind so often that the P99 is partly its own. */
  readonly generatorSaturated: boolean;
  /** Cores busy in the whole machine, the sender's own included. */
  readonly busyCores: number;
  /** When which version of the plugin answered. */
  readonly versions: Readonly<Record<string, Sighting>>;
}

/** Share of late sends from which the sender itself shows in the P99. */
const saturatedShare = 0.005;

export async function measureLatency(server: Server, load: Omit<OpenLoopOrder, 'port'>): Promise<Latency> {
  const order: OpenLoopOrder = { ...load, port: server.port };
  const before = { busy: busyCpuSeconds(), at: performance.now() };
  const seconds = (order.warmupMs + order.measureMs) / 1000;
  const report = await runGenerator<OpenLoopReport>('open-loop-process.ts', order, seconds);
  const elapsed = (performance.now() - before.at) / 1000;
  const latency = histogramOf(report.latency);
  return {
    p50Ms: latency.quantile(0.5) / ticksPerMs,
    p99Ms: latency.quantile(0.99) / ticksPerMs,
    p999Ms: latency.quantile(0.999) / ticksPerMs,
    maxMs: latency.max / ticksPerMs,
    planned: report.planned,
    answered: report.answered,
    faults: report.faults,
    lateNoConnection: report.lateNoConnection,
    lateSender: report.lateSender,
    behindP99Ms: histogramOf(report.behind).quantile(0.99) / ticksPerMs,
    generatorSaturated: report.lateSender > report.planned * saturatedShare,
    busyCores: (busyCpuSeconds() - before.busy) / elapsed,
    versions: report.versions,
  };
}

function histogramOf(record: OpenLoopReport['latency']): Histogram {
  const histogram = new Histogram();
  histogram.add(record);
  return histogram;
}
