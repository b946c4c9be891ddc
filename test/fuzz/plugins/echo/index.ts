/**
 * Gives back what it is given: an answer then shows whose request it belongs to.
 */
import { definePlugin } from 'hotlane/plugin';

const anything = { type: 'object' } as const;

export default definePlugin({
  name: 'echo',
  version: '1.0.0',
  description: 'Gives back its parameters.',
  tools: {
    echo: {
      summary: 'Give back the parameters.',
      input: anything,
      output: anything,
      execute: (input) => input,
    },
  },
});
