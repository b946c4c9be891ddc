import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { test } from 'tap';
import { DEEPEST } from '../../src/wire/json-dangers.ts';
import { type ParsedBody, parseBody } from '../../workers/parse-body.ts';

/** Parses `text` where it usually lies: in the middle of other bytes. */
function parse(text: string | Buffer): ParsedBody {
  const body = Buffer.from(text);
  const memory = Buffer.concat([Buffer.from('"before'), body, Buffer.from('after"')]);
  return parseBody(memory, 7, 7 + body.byteLength);
}

/** The value, or the code of the refusal. */
function outcome(text: string | Buffer): unknown {
  const parsed = parse(text);
  return parsed.kind === 'value' ? parsed.value : parsed.code;
}

/** Every UTF-16 unit, lone surrogates too. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});

const inString = (...bytes: number[]): Buffer =>
  Buffer.concat([Buffer.from('{"a":"'), Buffer.from(bytes), Buffer.from('"}')]);

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

test('JSON without forbidden keys comes out as JSON.parse gives it', async () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.boolean(), (json, spaced) => {
      const text = spaced ? JSON.stringify(JSON.parse(json), undefined, '\t') : json;
      fc.pre(!text.includes('__proto__'));
      return isDeepStrictEqual(outcome(text), JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});

test('any text is a value exactly when JSON.parse takes it', async () => {
  const nearlyJson = fc
    .tuple(fc.json({ maxDepth: 3 }), fc.nat(), fc.constantFrom('', ',', '}', '"', '\\', '\u0000', '0', '\n'))
    .map(([json, at, stray]) => json.slice(0, at % json.length) + stray + json.slice(at % json.length));
  fc.assert(
    fc.property(fc.oneof(nearlyJson, anyText), (text) => {
      // A lone surrogate cannot be sent: its bytes are not UTF-8.
      fc.pre(text.isWellFormed() && !text.includes('__proto__') && !text.startsWith('\ufeff'));
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      const parsed = parse(text);
      return valid ? parsed.kind === 'value' : parsed.kind === 'refused' && parsed.code === 'NOT_JSON';
    }),
    { numRuns: 500 },
  );
});

test('what is not JSON is refused with the parser’s reason on one short line', async (t) => {
  for (const text of ['', ' ', '{', '{"a":1,}', "{'a':1}", 'undefined', '{"a":1}{"b":2}', 'NaN', '01']) {
    t.equal(outcome(text), 'NOT_JSON', JSON.stringify(text));
  }
  const parsed = parse(`{"a":\n\n${'x'.repeat(5000)}`);
  if (parsed.kind !== 'refused') throw new Error('it was parsed');
  t.match(parsed.detail, /^The body is not valid JSON: .{1,170}\.$/);
});

test('bytes that are not UTF-8 are refused, and not repaired', async (t) => {
  t.equal(outcome(inString(0xff)), 'NOT_UTF8', 'a byte that never occurs');
  t.equal(outcome(inString(0xc3)), 'NOT_UTF8', 'a sequence cut short');
  t.equal(outcome(inString(0xed, 0xa0, 0x80)), 'NOT_UTF8', 'an encoded surrogate');
  t.equal(outcome(inString(0xc0, 0x80)), 'NOT_UTF8', 'an overlong zero');
});

test('a replacement character that the sender meant is kept', async (t) => {
  t.strictSame(outcome('{"a":"\uFFFD"}'), { a: '\uFFFD' });
});

test('a byte order mark is refused and named', async (t) => {
  const parsed = parse('\uFEFF{}');
  t.match(parsed, { kind: 'refused', code: 'NOT_UTF8', detail: /byte order mark/ });
  t.strictSame(outcome('{"a":"\uFEFF"}'), { a: '\uFEFF' }, 'inside a string it is a character');
});

test('nesting is accepted down to the limit and refused below it', async (t) => {
  t.equal(parse(nested(DEEPEST)).kind, 'value');
  t.equal(outcome(nested(DEEPEST + 1)), 'TOO_DEEP');
  t.equal(outcome('{"a":'.repeat(DEEPEST + 1) + '1' + '}'.repeat(DEEPEST + 1)), 'TOO_DEEP');
  t.equal(outcome(`{"a":[1,"x",{"b":${nested(DEEPEST)}}]}`), 'TOO_DEEP', 'beside shallow members');
});

test('a megabyte of brackets is refused without overflowing the stack', async (t) => {
  t.equal(outcome(nested(500_000)), 'TOO_DEEP');
});

test('the key __proto__ is refused at any depth and however it is written', async (t) => {
  for (const text of [
    '{"__proto__":{"admin":true}}',
    '{"a":[{"b":{"__proto__":1}}]}',
    '{"\\u005f_proto__":1}',
    '{"a":{"\\u005F\\u005fproto\\u005f\\u005f":1}}',
    '{"a":{"x":[[{"__pro\\u0074o__":null}]]}}',
  ]) {
    t.equal(outcome(text), 'FORBIDDEN_KEY', text);
  }
});

test('__proto__ as a value, and keys that resemble it, are accepted', async (t) => {
  for (const text of ['{"a":"__proto__"}', '{"__proto":1,"proto__":2}', '{"a":"\\u0041"}', '["__proto__"]']) {
    t.strictSame(outcome(text), JSON.parse(text), text);
  }
});
