/** workers/schema.ts: a check says yes, or no in a short sentence; it neither throws, nor changes the value, nor takes long. */
import * as fc from 'fast-check';
import { SchemaCompiler } from '../../../workers/schema.ts';
import { jsonBytes } from './json-bytes.ts';
import { target } from './target.ts';

const LONGEST = 301;
const compiler = new SchemaCompiler();

const order = compiler.compile(
  {
    type: 'object',
    properties: {
      kind: { enum: ['pickup', 'delivery'] },
      items: {
        type: 'array',
        items: {
          type: 'object',
          properties: { sku: { type: 'string' }, count: { type: 'integer', minimum: 1 } },
          required: ['sku'],
        },
      },
      'a/b~c': { type: 'boolean' },
    },
    required: ['items'],
  },
  'parameters',
);

/** The same in plain words. */
function isOrder(value: unknown): boolean {
  if (!isRecord(value) || !Object.hasOwn(value, 'items')) return false;
  const own = (name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);
  if (Object.hasOwn(value, 'kind') && own('kind') !== 'pickup' && own('kind') !== 'delivery') return false;
  if (Object.hasOwn(value, 'a/b~c') && typeof own('a/b~c') !== 'boolean') return false;
  const items = own('items');
  return Array.isArray(items) && items.every(isItem);
}

function isItem(item: unknown): boolean {
  if (!isRecord(item) || !Object.hasOwn(item, 'sku') || typeof item.sku !== 'string') return false;
  if (!Object.hasOwn(item, 'count')) return true;
  return typeof item.count === 'number' && Number.isInteger(item.count) && item.count >= 1;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const schemaTarget = target('schema', jsonBytes, (bytes) => {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
  const before = JSON.stringify(value);
  const problem = order(value);
  if (JSON.stringify(value) !== before) return 'the value was changed';
  if (problem === undefined) return isOrder(value) ? undefined : 'taken';
  if (isOrder(value)) return `refused: ${problem}`;
  return problem !== '' && problem.length <= LONGEST ? undefined : `a detail of ${problem.length} characters`;
});

const FORMATS = (
  'date time date-time iso-time iso-date-time duration uri uri-reference uri-template url email hostname ipv4 ipv6 ' +
  'regex uuid json-pointer json-pointer-uri-fragment relative-json-pointer byte password binary image_url'
).split(' ');
const formats = FORMATS.map((format) => ({
  format,
  check: compiler.compile({ type: 'string', format }, 'text'),
}));
const PIECES = [
  'a',
  '0',
  '.',
  '@',
  '-',
  ':',
  '/',
  '%20',
  '{',
  '}',
  '?',
  '#',
  'T',
  '[',
  '~0',
  '=',
  '\u{ff}',
  ' ',
];

/** A few characters, many times, and something else behind them: what regular expressions choke on. */
const repeated = fc.record({
  format: fc.constantFrom(...formats),
  start: fc.constantFrom('', 'http://', 'a@', '1:', 'P', '/', '2024-01-01T'),
  unit: fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 3 }),
  times: fc.constantFrom(1, 30, 3000, 60_000),
  end: fc.constantFrom('', '!', '\n', '@', '.'),
});

export const formatTarget = target(
  'formats',
  repeated,
  ({ format: { format, check }, start, unit, times, end }) => {
    const problem = check(start + unit.join('').repeat(times) + end);
    return problem === undefined || problem.length <= LONGEST
      ? undefined
      : `${format}: ${problem.length} characters`;
  },
);
