/**
 * A call that computes: a fixed number of integer steps, so every host gets the very same work.
 *
 * The caller says how many steps; the benchmark calibrates them to a millisecond. Each step needs the result
 * of the one before, so the time is set by the processor's latencies and hardly by how well V8 has optimised
 * the loop, and the steps are unrolled in a function of its own, so V8 optimises it after a few calls and
 * not in the middle of one.
 */
import { definePlugin } from 'hotlane/plugin';

/** Steps of one `mix` call; a request's step count is rounded up to a multiple of it. */
const unrolled = 16;

/** Sixteen steps of an xorshift-multiply mix. */
function mix(seed: number): number {
  let x = seed;
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39);
  return x | 0;
}

/** Runs the steps; the result depends on every one of them, so none can be left out. */
export function burn(steps: number): number {
  let x = 0x9e3779b9;
  for (let done = 0; done < steps; done += unrolled) x = mix(x);
  return x;
}

export default definePlugin({
  name: 'cpu',
  version: '1.0.0',
  description: 'Computes for a while.',
  tools: {
    burn: {
      summary: 'Run the given number of integer steps and give their checksum.',
      input: {
        type: 'object',
        properties: {
          text: { type: 'string', description: 'Any text.' },
          steps: { type: 'integer', minimum: 1, maximum: 1_000_000_000, description: 'How many steps.' },
        },
        required: ['text', 'steps'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        properties: { checksum: { type: 'integer', description: 'The result of the last step.' } },
        required: ['checksum'],
        additionalProperties: false,
      },
      execute: (input) => ({ checksum: burn(input.steps) }),
    },
  },
});
