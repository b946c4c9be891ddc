/** A call that ends its worker. */
import { definePlugin } from 'hotlane/plugin';

const schema = {
  type: 'object',
  properties: { text: { type: 'string', description: 'Any text.' } },
  required: ['text'],
  additionalProperties: false,
} as const;

export default definePlugin({
  name: 'exit',
  version: '1.0.0',
  description: 'Ends its worker.',
  tools: {
    now: {
      summary: 'End the thread.',
      input: schema,
      output: schema,
      execute: () => process.exit(3),
    },
  },
});
