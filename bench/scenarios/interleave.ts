/**
 * Measures several servers in turns: A B C A B C … A machine that grows slower or busier while the benchmark
 * runs then slows all of them, and a ratio is taken within one round.
 */
import { Server } from '../variants/server.ts';
import type { Variant } from '../variants/variant.ts';
import type { Context } from './scenario.ts';

/** The samples of each variant by name, one per round. */
export type Rounds<Sample> = ReadonlyMap<string, readonly Sample[]>;

export interface Steps<Sample> {
  readonly scenario: string;
  readonly variants: readonly Variant[];
  /** Brings a server up to speed: cold code must not be measured. */
  warmUp(server: Server): Promise<unknown>;
  measure(server: Server, round: number): Promise<Sample>;
}

/** Starts all servers, warms each up, measures them round by round, and stops them whatever happens. */
export async function interleave<Sample>(context: Context, steps: Steps<Sample>): Promise<Rounds<Sample>> {
  const { scenario } = steps;
  const variants = context.select(steps.variants);
  const samples = new Map<string, Sample[]>(variants.map(({ name }) => [name, []]));
  const servers: Server[] = [];
  try {
    for (const variant of variants) {
      context.progress(`${scenario}: starting and warming up ${variant.name}`);
      const server = await Server.start(variant);
      servers.push(server);
      await steps.warmUp(server);
    }
    for (let round = 1; round <= context.effort.rounds; round += 1) {
      for (const server of servers) {
        context.progress(`${scenario}: round ${round} of ${context.effort.rounds}, ${server.variant.name}`);
        await context.untilQuiet();
        samples.get(server.variant.name)?.push(await steps.measure(server, round));
      }
    }
    return samples;
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** One value per round: `top` of one variant over `bottom` of another. Empty when either was left out. */
export function ratios<Sample>(
  rounds: Rounds<Sample>,
  top: string,
  bottom: string,
  value: (sample: Sample) => number,
): readonly number[] {
  const below = rounds.get(bottom) ?? [];
  return (rounds.get(top) ?? []).flatMap((sample, round) => {
    const other = below[round];
    return other === undefined ? [] : [value(sample) / value(other)];
  });
}
