/** Work on the processor: what the second core is worth. */
import { cpuCall } from '../load/call.ts';
import { modest } from '../load/generators.ts';
import { stepsPerMillisecond } from '../measure/calibrate.ts';
import { type ClosedLoad, measureThroughput, type Throughput } from '../measure/throughput.ts';
import { burn } from '../plugins/cpu/index.ts';
import { atLeast } from '../report/figure.ts';
import { median } from '../report/spread.ts';
import { hotlane, inline } from '../variants/all.ts';
import { interleave, type Rounds, ratios } from './interleave.ts';
import type { Scenario } from './scenario.ts';
import { throughputResult } from './throughput-result.ts';

/** How far the CPU time of the same call may differ between variants before a note doubts the comparison. */
const sameWork = 0.15;

export const cpu: Scenario = {
  name: 'cpu',
  summary: 'throughput of a plugin that computes for 1 ms, 64 connections',
  run: async (context) => {
    const steps = stepsPerMillisecond();
    const load: ClosedLoad = { call: cpuCall(steps, burn(steps)), connections: 64, generator: modest };
    const variants = [inline, hotlane(2)];
    const rounds = await interleave<Throughput>(context, {
      scenario: 'cpu',
      variants,
      warmUp: (server) =>
        load.generator({ ...load, port: server.port, seconds: context.effort.warmupSeconds }),
      measure: (server) => measureThroughput(server, load, context.effort.seconds),
    });
    const result = throughputResult(variants, rounds);
    return {
      ...result,
      figures: [
        {
          name: 'cpu 1 ms, 2 workers: throughput / uWS inline',
          unit: 'x',
          bound: atLeast(1.8, 1.95),
          values: ratios(rounds, hotlane(2).name, inline.name, (sample) => sample.perSecond),
        },
      ],
      notes: [
        `cpu: 1 ms is ${steps} steps of the plugin on this machine`,
        ...workNotes(rounds),
        ...result.notes,
      ],
    };
  },
};

/** The work is the same by construction; whether V8 ran it as fast in every server shows in its CPU time. */
function workNotes(rounds: Rounds<Throughput>): string[] {
  const micros = (name: string) =>
    median((rounds.get(name) ?? []).map((sample) => sample.cpuMicrosPerRequest));
  const yardstick = micros(inline.name);
  return [...rounds.keys()]
    .filter((name) => Math.abs(micros(name) / yardstick - 1) > sameWork)
    .map(
      (name) =>
        `${name}: one call took ${Math.round(micros(name))} µs of CPU, inline ${Math.round(yardstick)} µs`,
    );
}
