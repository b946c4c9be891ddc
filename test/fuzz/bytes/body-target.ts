/** workers/parse-body.ts against the definition it must meet, written down once more without any short cut. */
import { Buffer, isUtf8 } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import type { ErrorCode } from '../../../src/core/errors.ts';
import { DEEPEST } from '../../../src/wire/json-dangers.ts';
import { errorBody } from '../../../src/wire/reply-body.ts';
import { parseBody } from '../../../workers/parse-body.ts';
import { jsonBytes } from './json-bytes.ts';
import { target } from './target.ts';

const LONGEST_DETAIL = 200;

export const bodyTarget = target('parse-body', jsonBytes, (bytes) => {
  // Where it usually lies: in the middle of other bytes.
  const memory = Buffer.concat([Buffer.from('{"'), bytes, Buffer.from('"}')]);
  const parsed = parseBody(memory, 2, 2 + bytes.length);
  const expected = meaningOf(bytes);
  if (parsed.kind === 'value') {
    if (typeof expected === 'string') return `taken, but ${expected}`;
    return isDeepStrictEqual(parsed.value, expected.value) ? undefined : 'another value';
  }
  if (parsed.code !== expected) return `${parsed.code}, not ${JSON.stringify(expected)}`;
  const { detail } = parsed;
  if (detail !== undefined && (detail.length > LONGEST_DETAIL || /[\r\n]/.test(detail)))
    return `detail ${detail}`;
  const answer: unknown = JSON.parse(errorBody(parsed.code, 'id', detail));
  return isDeepStrictEqual(Object.keys(Object(answer)), ['status', 'code', 'message', 'request_id'])
    ? undefined
    : 'an answer of another form';
});

function meaningOf(bytes: Buffer): ErrorCode | { readonly value: unknown } {
  if (!isUtf8(bytes)) return 'NOT_UTF8';
  if (bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf) return 'NOT_UTF8';
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return 'NOT_JSON';
  }
  let level: unknown[] = [value];
  let hasProto = false;
  for (let depth = 0; level.length > 0; depth++) {
    const containers = level.filter((one) => typeof one === 'object' && one !== null);
    if (containers.length > 0 && depth === DEEPEST) return 'TOO_DEEP';
    hasProto ||= containers.some(
      (one) => !Array.isArray(one) && Object.getOwnPropertyNames(one).includes('__proto__'),
    );
    level = containers.flatMap((one) =>
      Object.getOwnPropertyNames(one).map((key) => Object.getOwnPropertyDescriptor(one, key)?.value),
    );
  }
  return hasProto ? 'FORBIDDEN_KEY' : { value };
}
