/** A call that waits: 5 ms of a timer stand for an upstream's answer. Costs no CPU time while it waits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin } from 'hotlane/plugin';

const waitMs = 5;

const text = {
  type: 'object',
  properties: { text: { type: 'string', description: 'Any text.' } },
  required: ['text'],
  additionalProperties: false,
} as const;

export default definePlugin({
  name: 'io',
  version: '1.0.0',
  description: 'Waits, then gives a text back.',
  tools: {
    wait: {
      summary: 'Give the text back after 5 ms.',
      input: text,
      output: text,
      execute: async (input) => {
        await sleep(waitMs);
        return { text: input.text };
      },
    },
  },
});
