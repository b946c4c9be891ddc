/** The least a plugin can do: gives the input's text back. What is measured with it is the host alone. */
import { definePlugin } from 'hotlane/plugin';

const text = {
  type: 'object',
  properties: { text: { type: 'string', description: 'Any text.' } },
  required: ['text'],
  additionalProperties: false,
} as const;

export default definePlugin({
  name: 'echo',
  version: '1.0.0',
  description: 'Gives a text back.',
  tools: {
    echo: {
      summary: 'Give the text back.',
      input: text,
      output: text,
      execute: (input) => ({ text: input.text }),
    },
  },
});
