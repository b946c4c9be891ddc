/**
 * Calls that can be counted from outside: each leaves a line in a file when it is executed, whatever becomes of its
 * answer. The file is `config.log`. A line is the number in the call's text, and when it began on a clock that all
 * processes of the machine share.
 */
import { pbkdf2Sync } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin } from 'hotlane/plugin';

const text = { type: 'string', description: 'A number behind dots.' } as const;

const output = {
  type: 'object',
  properties: { text },
  required: ['text'],
  additionalProperties: false,
} as const;

/** Undefined until `init` has run. */
let log: number | undefined;

/** One write to a file opened for appending: lines of several threads do not mix. */
function note(call: string): void {
  if (log === undefined) throw new Error('config.log names no file');
  writeSync(log, `${Number(call.replaceAll('.', ''))} ${Number(process.hrtime.bigint()) / 1e6}\n`);
}

export default definePlugin({
  name: 'counted',
  version: '1.0.0',
  description: 'Computes or waits, and leaves a line for each call.',
  tools: {
    compute: {
      summary: 'Derive a key in the given number of rounds and give the text back.',
      input: {
        type: 'object',
        properties: { text, rounds: { type: 'integer', minimum: 1, description: 'Rounds of PBKDF2.' } },
        required: ['text', 'rounds'],
        additionalProperties: false,
      },
      output,
      execute: (input) => {
        note(input.text);
        pbkdf2Sync(input.text, 'salt', input.rounds, 32, 'sha256');
        return { text: input.text };
      },
    },
    wait: {
      summary: 'Give the text back after the given time.',
      input: {
        type: 'object',
        properties: { text, ms: { type: 'integer', minimum: 1, description: 'Milliseconds.' } },
        required: ['text', 'ms'],
        additionalProperties: false,
      },
      output,
      execute: async (input) => {
        note(input.text);
        await sleep(input.ms);
        return { text: input.text };
      },
    },
  },
  init: ({ config }) => {
    log = typeof config.log === 'string' ? openSync(config.log, 'a') : undefined;
  },
});
