/**
 * Checks a Chinese resident identity number and reads what it says. Shows: a tool without state or I/O, and
 * "the input is wrong" as an ordinary answer, because a caller who asks whether a number is valid has
 * made no error when it is not.
 */
import { definePlugin } from 'hotlane/plugin';
import { verifyIdentityNumber } from './identity-number.ts';

const CHINA_OFFSET_MS = 8 * 60 * 60 * 1000;

export default definePlugin({
  name: 'id-card',
  version: '1.0.0',
  description: 'Checks Chinese resident identity numbers (GB 11643) and reads region, birth date and sex.',
  tools: {
    verify: {
      summary:
        'Verify a Chinese resident identity number (18 or 15 digits) and read region, birth date and sex.',
      input: {
        type: 'object',
        description: 'The number to verify.',
        properties: {
          id: {
            type: 'string',
            minLength: 1,
            maxLength: 64,
            description: 'Identity number: 17 digits and a check character (0-9, X or x), or 15 digits.',
          },
        },
        required: ['id'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        description: 'The verdict; what the number says is present only when it is valid.',
        properties: {
          valid: { type: 'boolean', description: 'Whether every check passed.' },
          reasons: {
            type: 'array',
            items: { type: 'string' },
            maxItems: 3,
            description: 'Why the number is not valid; empty when it is.',
          },
          id: { type: 'string', pattern: '^[0-9]{17}[0-9X]$', description: 'The 18-character form.' },
          region_code: {
            type: 'string',
            pattern: '^[0-9]{6}$',
            description: 'GB/T 2260 code of the place that issued the number.',
          },
          province: { type: 'string', description: 'Province-level division, in Chinese.' },
          prefecture: {
            type: 'string',
            description:
              'Prefecture-level division, in Chinese; absent where there is none or it is unknown.',
          },
          birth_date: {
            type: 'string',
            pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
            description: 'Date of birth, YYYY-MM-DD.',
          },
          sex: { type: 'string', enum: ['male', 'female'], description: 'Sex as registered.' },
        },
        required: ['valid', 'reasons'],
        additionalProperties: false,
      },
      // The first two numbers are the examples printed in the standard.
      examples: [
        {
          input: { id: '11010519491231002x' },
          output: {
            valid: true,
            reasons: [],
            id: '11010519491231002X',
            region_code: '110105',
            province: '北京市',
            birth_date: '1949-12-31',
            sex: 'female',
          },
        },
        {
          input: { id: '440524188001010014' },
          output: {
            valid: true,
            reasons: [],
            id: '440524188001010014',
            region_code: '440524',
            province: '广东省',
            prefecture: '汕头市',
            birth_date: '1880-01-01',
            sex: 'male',
          },
        },
        {
          input: { id: '110105194912310021' },
          output: { valid: false, reasons: ['the check character is 1, the other digits require X'] },
        },
      ],
      execute: ({ id }) => verifyIdentityNumber(id, dateInChina(Date.now())),
    },
  },
});

/** YYYY-MM-DD in China (UTC+8, no daylight saving time) at a Unix time in milliseconds. */
function dateInChina(now: number): string {
  return new Date(now + CHINA_OFFSET_MS).toISOString().slice(0, 10);
}
