/** workers/encode-reply.ts: whatever a plugin gives back becomes JSON or a fault, and nothing throws. */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { encodeResult } from '../../../workers/encode-reply.ts';
import { target } from './target.ts';

const boom = (): never => {
  throw new Error('boom');
};

/** Values with code in them, made anew for each input. */
const HOSTILE: readonly (() => unknown)[] = [
  () => undefined,
  () => 1n,
  () => Symbol('s'),
  () => boom,
  () => Number.NaN,
  () => -0,
  () => new Date(Number.NaN),
  () => new Map([[1, 2]]),
  () => '\ud800\u2028</script>\u0000',
  () => Object.create(null),
  () => ({
    get a() {
      return boom();
    },
  }),
  () => ({ toJSON: boom }),
  () => ({ toJSON: () => undefined }),
  () => ({ toJSON: () => 1n }),
  () => ({ toJSON: () => ({ a: 1 }) }),
  () => new Proxy({}, { get: boom, ownKeys: boom, getPrototypeOf: boom, has: boom }),
  () => new Proxy([], { get: boom }),
  () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    return cycle;
  },
  () => new Error('\ud83d no'),
  () => Object.assign(new Error('text'), { message: { toString: boom } }),
  () => Object.defineProperty(new Error('text'), 'message', { get: boom }),
  () => Object.assign(new Error('text'), { message: Symbol('s') }),
  () => JSON.parse('{"__proto__":{"polluted":1}}'),
  () => Array.from({ length: 3 }),
  () => ({
    toJSON: () => {
      throw {
        get message() {
          return boom();
        },
        toString: boom,
      };
    },
  }),
  () => ({
    toJSON: () => {
      throw new Proxy({}, { get: boom, getPrototypeOf: boom });
    },
  }),
];

/** Lone surrogates too. The library's own unit of all code points takes a second to be made. */
const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));

/** Inputs are plain data, which can be printed; `{"hostile": n}` stands for the value of that number. */
const { plan } = fc.letrec((tie) => ({
  plan: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.nat(HOSTILE.length - 1).map((hostile) => ({ hostile })),
    fc.jsonValue(),
    fc.array(tie('plan'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: codeUnit }), tie('plan'), { maxKeys: 4 }),
  ),
}));

function built(given: unknown): unknown {
  if (Array.isArray(given)) return given.map(built);
  if (typeof given !== 'object' || given === null) return given;
  if ('hostile' in given && typeof given.hostile === 'number') return HOSTILE[given.hostile]?.();
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, built(value)]));
}

export const replyTarget = target('encode-reply', plan, (given) => {
  const result = built(given);
  const encoded = encodeResult(result, {
    requestId: 'an "id"',
    tool: { checkOutput: () => undefined },
    isStreamed: false,
    shown: (all) => all,
  });
  if (encoded.kind === 'fault')
    return typeof encoded.reason === 'string' ? undefined : 'a reason that is no text';
  if (!encoded.body.isWellFormed()) return 'a lone surrogate in the answer';
  const answer: unknown = JSON.parse(encoded.body);
  const { status, data } = Object(answer);
  if (status === 'error') return result instanceof Error ? undefined : 'an error of no Error';
  if (status !== 'success') return `the status ${String(status)}`;
  return isDeepStrictEqual(data, JSON.parse(JSON.stringify(result))) ? undefined : 'another value';
});
