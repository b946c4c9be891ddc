import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { test } from 'tap';
import { killOwned } from '../../bench/process/owned.ts';
import { removeTempFolders } from '../../bench/process/temp-folder.ts';
import { fuzzBytes } from './bytes/fuzz-bytes.ts';
import { target } from './bytes/target.ts';
import { reportLines } from './finding.ts';
import { readAnswers } from './front/answers.ts';
import { fuzzOn, Stand } from './front/fuzz-front.ts';
import { judge } from './front/judge.ts';
import type { Script, Turn } from './front/script.ts';
import { shrink } from './front/shrink.ts';
import { parseFuzzOptions } from './fuzz-options.ts';

process.once('exit', () => {
  killOwned();
  removeTempFolders();
});

const randomSeed = Math.floor(Math.random() * 1e9);
/** Longer than any pause of a busy machine; what hangs is found all the same. */
const PATIENCE_MS = 15_000;

test('hostile connections find nothing', async (t) => {
  const stand = await Stand.start(PATIENCE_MS);
  for (const seed of [1, randomSeed]) {
    const report = await fuzzOn(stand, { seed, seconds: 0.7, patienceMs: PATIENCE_MS });
    t.strictSame(report.findings, [], reportLines(report).join('\n'));
  }
  t.equal(await stand.stop(), undefined, 'the server stops in order');
});

for (const seed of [1, randomSeed]) {
  test(`hostile bytes find nothing, seed ${seed}`, async (t) => {
    const report = await fuzzBytes({ seed, seconds: 0.4 });
    t.strictSame(report.findings, [], reportLines(report).join('\n'));
    t.ok(Object.values(report.tried).every((inputs) => inputs > 0));
  });
}

const id = 'abcdefghijkl';
const ask: Turn = {
  bytes: 'POST / HTTP/1.1\r\n\r\n',
  cuts: [],
  pauseMs: 0,
  expects: { kind: 'answers', answers: [{ status: 200, body: '{}' }], closes: false },
};
const script: Script = { id, turns: [ask, ask], ending: 'wait' };
const good =
  'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\n' +
  'X-Request-Id: abcdefgh-1\r\nContent-Length: 2\r\n\r\n{}';

/** What is said of a server that sent `text` back to two requests. */
const judged = (text: string, { isOver = false, isStuck = false } = {}): string[] =>
  judge(script, { received: Buffer.from(text), turns: 2, isOver, isStuck }, new Set([id, 'mnopqrstuvwx']));

test('a front that answers wrongly would be found', async (t) => {
  t.strictSame(judged(good + good), []);
  for (const [what, text, state] of [
    ['an answer too few', good, {}],
    ['an answer too many', good + good + good, {}],
    ['an answer that never comes', good, { isStuck: true }],
    ['an answer that breaks off', `${good}${good.slice(0, -1)}`, { isOver: true }],
    ['a connection that ends without need', good + good, { isOver: true }],
    ['another payload', good + good.replace('{}', '[]'), {}],
    ['another status', good.replace('200', '404') + good, {}],
    ['an id nobody made', good.replace('abcdefgh-1', 'x y') + good, {}],
    ['the id of somebody else', good.replace('abcdefgh-1', 'mnopqrstuvwx-1-') + good, {}],
  ] as const) {
    t.not(judged(text, state).length, 0, what);
  }
});

const problemOf = (text: string): string | undefined =>
  readAnswers(Buffer.from(text), { heads: new Set(), isOver: true }).problem;

test('only what HTTP/1.1 allows is read as an answer', async (t) => {
  t.equal(problemOf(good), undefined);
  for (const wrong of [
    good.replace('HTTP/1.1 200 OK', 'HTTP/1.0 200 OK'),
    good.replace('200 OK', '200'),
    good.replace('Content-Length: 2', 'Content-Length: 0x2'),
    good.replace('Content-Length: 2', 'Content-Length: 2\r\nContent-Length: 2'),
    good.replace('Content-Length: 2\r\n', ''),
    good.replace('Content-Type:', 'Content Type:'),
    good.replace('\r\nX-', '\nX-'),
    `${good}garbage`,
  ]) {
    t.type(problemOf(wrong), 'string', wrong);
  }
});

const fails = async (scripts: readonly Script[]): Promise<boolean> =>
  scripts.some(({ turns }) => turns.some(({ bytes }) => bytes.includes('!')));

test('a failing script is made as small as it can be', async (t) => {
  const long: Turn = {
    ...ask,
    bytes: `${'x'.repeat(100)}!${'y'.repeat(100)}`,
    cuts: [3, 80],
    expects: { kind: 'legal' },
  };
  const all = [script, { ...script, turns: [ask, long] }, script];
  const small = await shrink(all, fails, performance.now() + 10_000);
  t.match(small, [{ turns: [{ bytes: '!', cuts: [] }] }]);
  t.equal(small.length, 1);
});

test('an input that fails is found, made small, and found again by its path', async (t) => {
  const noSevens = target('no sevens', fc.array(fc.nat(9)), (digits) =>
    digits.includes(7) ? 'a seven' : undefined,
  );
  const search = { seed: 1, milliseconds: 5000, onInput: () => undefined };
  const { failure } = noSevens.search({ ...search, path: undefined });
  t.match(failure, { what: /a seven/, input: '[7]' });
  t.match(noSevens.search({ ...search, path: failure?.path }), { inputs: 1, failure: { input: '[7]' } });
  const polluter = target('polluter', fc.nat(9), () => {
    Object.assign(Object.prototype, { polluted: 1 });
    return undefined;
  });
  t.match(polluter.search({ ...search, path: undefined }).failure, { what: /has got "polluted"/ });
});

test('the command line of the fuzzers is checked', async (t) => {
  t.match(parseFuzzOptions(['front', '--seed', '7', '--seconds', '0.5']), {
    fuzzers: ['front'],
    seed: 7,
    seconds: 0.5,
  });
  t.strictSame(parseFuzzOptions([]).fuzzers, ['bytes', 'front']);
  for (const wrong of [
    ['back'],
    ['--seconds', '0'],
    ['--seed', 'x'],
    ['--target', 'x'],
    ['--path', '1'],
    ['--fast'],
  ]) {
    t.throws(() => parseFuzzOptions(wrong), wrong.join(' '));
  }
});
