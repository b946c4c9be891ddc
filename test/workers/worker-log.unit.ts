import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { type Test, test } from 'tap';
import type { ControlFromWorker } from '../../src/wire/from-worker.ts';
import { createWorkerLog, type WorkerLog } from '../../workers/worker-log.ts';

type Line = Extract<ControlFromWorker, { type: 'log' }>;

/** A worker's log and what has come out of it at the other end. */
function open(
  t: Test,
  lowest: 'debug' | 'info' | 'warn' | 'error' = 'debug',
): { log: WorkerLog; lines: () => Line[] } {
  const { port1, port2 } = new MessageChannel();
  t.teardown(() => port1.close());
  return { log: createWorkerLog(port2, lowest), lines: () => drain(port1) };
}

function drain(port: MessagePort): Line[] {
  const lines: Line[] = [];
  for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) {
    lines.push(got.message);
  }
  return lines;
}

test('a line travels with its level, message and fields', async (t) => {
  const { log, lines } = open(t);
  log.warn('slow', { ms: 12.5, city: 'Köln', ok: true, none: null });
  t.strictSame(lines(), [
    { type: 'log', level: 'warn', message: 'slow', fields: { ms: 12.5, city: 'Köln', ok: true, none: null } },
  ]);
});

test('lines below the lowest level are not sent', async (t) => {
  const { log, lines } = open(t, 'warn');
  log.debug('d');
  log.info('i');
  log.warn('w');
  log.error('e');
  t.strictSame(
    lines().map(({ message }) => message),
    ['w', 'e'],
  );
});

test('a child adds its fields to every line', async (t) => {
  const { log, lines } = open(t);
  log.child({ plugin: 'p' }).child({ tool: 'x' }).info('hello', { a: 1 });
  t.strictSame(lines()[0]?.fields, { plugin: 'p', tool: 'x', a: 1 });
});

test('fields that no thread crossing survives arrive as text', async (t) => {
  const { log, lines } = open(t);
  const cycle: Record<string, unknown> = { name: 'loop' };
  cycle.self = cycle;
  log.info('odd', {
    fn: () => 1,
    sym: Symbol('s'),
    cycle,
    big: 7n,
    missing: undefined,
    port: new MessageChannel(),
  });
  const [line] = lines();
  t.match(line?.fields, {
    fn: /Function/,
    sym: 'Symbol(s)',
    cycle: /Circular/,
    big: '7n',
    missing: 'undefined',
  });
  t.type(line?.fields.port, 'string');
});

test('an Error arrives with message and stack, whatever its message is', async (t) => {
  const { log, lines } = open(t);
  log.error('failed', { error: new TypeError('no such city') });
  log.error('failed', { error: Object.assign(new Error('x'), { message: () => 1 }) });
  const [usual, odd] = lines();
  t.match(usual?.fields.error, { message: 'no such city', stack: /TypeError: no such city\n/ });
  t.match(odd?.fields.error, { message: '() => 1' });
});

test('a field that throws when it is looked at costs the field, not the line', async (t) => {
  const { log, lines } = open(t);
  const hostile = {
    [Symbol.for('nodejs.util.inspect.custom')]: () => {
      throw new Error('no peeking');
    },
  };
  log.info('still here', { hostile, a: 1 });
  t.match(lines(), [{ message: 'still here', fields: { hostile: 'no peeking', a: 1 } }]);
});

test('long texts are cut', async (t) => {
  const { log, lines } = open(t);
  const long = 'x'.repeat(1_000_000);
  log.info(long, { long, deep: { long }, error: Object.assign(new Error(long), { stack: long }) });
  t.ok(JSON.stringify(lines()).length < 5 * 8192 + 1000);
});

test('of a flood 200 lines a second pass, and the cut is told', async (t) => {
  let ms = 7000;
  t.intercept(performance, 'now', { value: () => ms });
  const { log, lines } = open(t);
  for (let line = 0; line < 5000; line++) log.info(`line ${line}`);
  t.strictSame(
    lines().map(({ message }) => message),
    Array.from({ length: 200 }, (_, line) => `line ${line}`),
  );
  ms = 7999;
  log.error('still in the same second');
  t.strictSame(lines(), []);
  ms = 8000;
  log.info('after');
  t.match(
    lines().map(({ level, message }) => ({ level, message })),
    [
      { level: 'warn', message: /^4801 log lines dropped/ },
      { level: 'info', message: 'after' },
    ],
  );
});
