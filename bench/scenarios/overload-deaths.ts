/** Whether any server of this run died of what was done to it. Comes last. */
import { atMost } from '../report/figure.ts';
import type { OverloadScenario } from './overload-scenario.ts';
import { processDeaths } from './overload-server.ts';

export const overloadDeaths: OverloadScenario = {
  name: 'deaths',
  summary: 'processes that died over everything above',
  run: async () => {
    const { servers, deaths } = processDeaths();
    return {
      figures: [
        {
          name: `server processes that died, of ${servers}`,
          unit: '',
          bound: atMost(0, 0),
          values: servers === 0 ? [] : [deaths],
        },
      ],
      details: [{ variant: 'all', title: 'all servers', columns: { started: [servers], died: [deaths] } }],
      notes: [],
      faults: {},
      samples: { servers, deaths },
    };
  },
};
