/** Bytes that are JSON, were JSON before somebody changed them, or never were. */
import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';

const ID = '18446744073709551615';

/** Bodies with something that once went wrong somewhere. */
const CORPUS = [
  '{"user_id":"1","bot_id":2,"parameters":{"city":"北京","n":-0.0,"e":1E400,"deep":[[[{}]]]}}',
  `{"user_id":${ID},"bot_id":-9007199254740993,"parameters":{"user_id":1}}`,
  `{"user_id":1,"user_id":${ID},"parameters":{},"parameters":{"a":{"__proto__":null}}}`,
  `{"us\\u0065r_id":${ID},"parameters":{"\\u005f_proto__":[]}}`,
  `{"parameters":{"user_id":${ID}},"user_id":${ID.slice(1)}}`,
  '{"constructor":{"prototype":{"x":1}},"toString":1,"parameters":{"hasOwnProperty":2}}',
  '["\\ud800","\\u0000","\u2028","\u007f","😀\uFFFD"]',
  '{"items":[{"sku":"ABC","count":1}],"kind":"pickup","address":{"city":"Oslo","a/b~c":true}}',
  `${'['.repeat(127)}{"a":${'['.repeat(3)}${']'.repeat(3)}}${']'.repeat(127)}`,
];

const PARTS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\u',
  '"__proto__":',
  'null',
  '1e999',
  '-',
  '\u{feff}',
  ID,
];

/** Cuts, copies and puts in; every place is taken modulo the length. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('byte'), at: fc.nat(), byte: fc.nat(255) }),
  fc.record({ kind: fc.constant('part'), at: fc.nat(), part: fc.constantFrom(...PARTS) }),
  fc.record({ kind: fc.constant('cut'), at: fc.nat(), length: fc.nat(12) }),
  fc.record({ kind: fc.constant('copy'), at: fc.nat(), length: fc.nat(40), times: fc.nat(400) }),
);

type Change = typeof change extends fc.Arbitrary<infer Made> ? Made : never;

function apply(bytes: Buffer, one: Change): Buffer {
  const at = one.at % (bytes.length + 1);
  const before = bytes.subarray(0, at);
  if ('byte' in one) return Buffer.concat([before, Buffer.of(one.byte), bytes.subarray(at + 1)]);
  if ('part' in one) return Buffer.concat([before, Buffer.from(one.part), bytes.subarray(at)]);
  const piece = bytes.subarray(at, at + one.length);
  if (!('times' in one)) return Buffer.concat([before, bytes.subarray(at + one.length)]);
  return Buffer.concat([before, ...Array.from({ length: one.times }, () => piece), bytes.subarray(at)]);
}

const corpus = fc
  .oneof(fc.constantFrom(...CORPUS), fc.json({ maxDepth: 5 }))
  .map((text) => Buffer.from(text));
const changed = fc
  .tuple(corpus, fc.array(change, { maxLength: 6 }))
  .map(([bytes, changes]) => changes.reduce(apply, bytes));
const noise = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes));

export const jsonBytes: fc.Arbitrary<Buffer> = fc.oneof(
  { arbitrary: changed, weight: 9 },
  { arbitrary: noise, weight: 1 },
);
