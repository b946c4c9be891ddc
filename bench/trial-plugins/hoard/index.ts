/**
 * A call that makes garbage, as most do, and keeps some of it for a while, as caches do: what is kept is old enough
 * to be moved about by the collector before it is dropped.
 */
import { definePlugin } from 'hotlane/plugin';

/** Objects of one call; together some 250 KB. */
const objects = 2000;
/** Calls whose objects are kept; together some 25 MB. */
const kept = 100;

const shelf: object[][] = [];

const text = { type: 'string', description: 'Any text.' } as const;
const schema = {
  type: 'object',
  properties: { text },
  required: ['text'],
  additionalProperties: false,
} as const;

export default definePlugin({
  name: 'hoard',
  version: '1.0.0',
  description: 'Allocates.',
  tools: {
    allocate: {
      summary: 'Make objects and give the text back.',
      input: schema,
      output: schema,
      execute: (input) => {
        shelf.push(
          Array.from({ length: objects }, (_, index) => ({
            index,
            half: index / 2,
            tags: [index, index + 1],
          })),
        );
        if (shelf.length > kept) shelf.shift();
        return { text: input.text };
      },
    },
  },
});
