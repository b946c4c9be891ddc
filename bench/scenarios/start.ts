/** How soon a fresh process answers. */
import { atMost } from '../report/figure.ts';
import { hotlane, inline, piscinaDefaults } from '../variants/all.ts';
import { Server } from '../variants/server.ts';
import type { Scenario } from './scenario.ts';

export const start: Scenario = {
  name: 'start',
  summary: 'time from starting the process to its first right answer',
  run: async (context) => {
    const variants = context.select([inline, hotlane(2), piscinaDefaults('uws')]);
    const seconds = new Map<string, number[]>(variants.map(({ name }) => [name, []]));
    // The very first start fills the file cache and the cache of adapted binaries: not counted.
    for (let round = 0; round <= context.effort.rounds; round += 1) {
      for (const variant of variants) {
        context.progress(`start: round ${round} of ${context.effort.rounds}, ${variant.name}`);
        await context.untilQuiet();
        const server = await Server.start(variant);
        await server.stop();
        if (round > 0) seconds.get(variant.name)?.push(server.firstAnswerMs / 1000);
      }
    }
    return {
      figures: [
        {
          name: 'start to first 200, 2 workers',
          unit: 's',
          bound: atMost(0.6, 0.3),
          values: seconds.get(hotlane(2).name) ?? [],
        },
      ],
      details: variants.map(({ name, title }) => ({
        variant: name,
        title,
        columns: { 'first 200, s': seconds.get(name) ?? [] },
      })),
      notes: [],
      faults: {},
      samples: Object.fromEntries(seconds),
    };
  },
};
