/** Throughput and CPU time of a server under closed-loop load. */
import type { Call } from '../load/call.ts';
import { startCaller } from '../load/caller.ts';
import { type ClosedLoopGenerator, saturatedFrom } from '../load/closed-loop.ts';
import { busyCpuSeconds } from '../process/machine-cpu.ts';
import type { Server } from '../variants/server.ts';

export interface Throughput {
  readonly perSecond: number;
  /** User and system time of the whole server process, in microseconds per request. */
  readonly cpuMicrosPerRequest: number;
  readonly requests: number;
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly generator: string;
  /** The generator was busy nearly all the time: the server might have done more. */
  readonly generatorSaturated: boolean;
  /** Cores that neither the server nor the generator used: other programs on the machine. */
  readonly foreignCores: number;
}

export interface ClosedLoad {
  readonly call: Call;
  readonly connections: number;
  readonly generator: ClosedLoopGenerator;
}

const probePauseMs = 100;

/** `seconds` is whole. */
export async function measureThroughput(
  server: Server,
  { call, connections, generator }: ClosedLoad,
  seconds: number,
): Promise<Throughput> {
  const serverBefore = await server.usage();
  const before = { busy: busyCpuSeconds(), own: process.cpuUsage(), at: performance.now() };
  // The generator looks at the status only; beside it a single caller looks at the content.
  const stopProbe = startCaller('probe', server.port, call, probePauseMs);
  const report = await generator({ port: server.port, call, connections, seconds });
  const probe = await stopProbe();
  const own = process.cpuUsage(before.own);
  const elapsed = (performance.now() - before.at) / 1000;
  const busy = busyCpuSeconds() - before.busy;
  const serverCpu = (await server.usage()).cpuSeconds - serverBefore.cpuSeconds;

  const requests = report.requests + probe.requests;
  const utilisation = report.utilisation ?? 0;
  const foreign = busy - serverCpu - utilisation * report.seconds - (own.user + own.system) / 1e6;
  return {
    perSecond: requests / report.seconds,
    cpuMicrosPerRequest: (serverCpu * 1e6) / requests,
    requests,
    seconds: report.seconds,
    faults: { ...report.faults, ...probe.faults },
    generator: report.generator,
    generatorSaturated: utilisation >= saturatedFrom,
    foreignCores: Math.max(0, foreign / elapsed),
  };
}
