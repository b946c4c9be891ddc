/** Calls that never end: one holds its place, the other its whole thread. */
import { definePlugin } from 'hotlane/plugin';

const schema = {
  type: 'object',
  properties: { text: { type: 'string', description: 'Any text.' } },
  required: ['text'],
  additionalProperties: false,
} as const;

export default definePlugin({
  name: 'hang',
  version: '1.0.0',
  description: 'Does not answer.',
  tools: {
    never: {
      summary: 'Wait for something that does not come.',
      input: schema,
      output: schema,
      execute: () => new Promise(() => {}),
    },
    loop: {
      summary: 'Compute for ever.',
      input: schema,
      output: schema,
      // A tool that answers at once when all is well has no use for the ten seconds of the default.
      timeoutMs: 500,
      execute: (input) => {
        let turns = 0;
        while (turns >= 0) turns = (turns + 1) % 1_000_000;
        return { text: `${input.text} ${turns}` };
      },
    },
  },
});
