import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'tap';
import { prettyLine } from '../../src/telemetry/pretty-line.ts';
import { plainNode } from '../support/plain-node.ts';

const module = new URL('../../src/telemetry/log.ts', import.meta.url).href;

/** Runs `code` with a `log` in a process of its own. What Node says itself about an error is left out. */
async function logged(
  code: string,
  level = 'info',
): Promise<{ lines: Record<string, unknown>[]; stdout: string }> {
  const program = `
    const { createLog } = await import(${JSON.stringify(module)});
    const log = createLog({ logLevel: ${JSON.stringify(level)} });
    ${code}`;
  const child = spawn(...plainNode('--input-type=module', '-e', program), { env: {}, timeout: 30_000 });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return { lines: lines.map((line) => JSON.parse(line)), stdout };
}

test('a line is one JSON object on standard error with time, level, message and fields', async (t) => {
  const { lines, stdout } = await logged(
    `log.warn('slow 100% of the time', { plugin: 'weather', ms: 12.5 });`,
  );
  t.equal(stdout, '');
  t.match(lines, [{ time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, level: 'warn', msg: 'slow 100% of the time' }]);
  t.match(lines, [{ plugin: 'weather', ms: 12.5 }]);
  t.equal(lines.length, 1);
});

test('levels below the chosen one are not written', async (t) => {
  const all = `log.debug('d'); log.info('i'); log.warn('w'); log.error('e');`;
  const written = async (level: string) => (await logged(all, level)).lines.map(({ msg }) => msg);
  t.strictSame(await written('debug'), ['d', 'i', 'w', 'e']);
  t.strictSame(await written('warn'), ['w', 'e']);
  t.strictSame(await written('silent'), []);
});

test('a child adds its fields to every line, also for its own children', async (t) => {
  const { lines } = await logged(`log.child({ a: 1 }).child({ b: 2 }).info('x', { c: 3 }); log.info('y');`);
  t.match(lines[0], { a: 1, b: 2, c: 3 });
  t.notOk('a' in (lines[1] ?? {}));
});

test('an error is written with its message and stack', async (t) => {
  const { lines } = await logged(`log.error('failed', { error: new TypeError('no such city') });`);
  t.match(lines[0]?.error, {
    type: 'TypeError',
    message: 'no such city',
    stack: /TypeError: no such city\n/,
  });
});

test('the passphrase is hidden even when the settings are logged', async (t) => {
  const secret = `{ tlsPassphrase: 'sesame', port: 1 }`;
  const { lines } = await logged(`log.info('a', { settings: ${secret} }); log.info('b', ${secret});`);
  t.match(lines, [{ settings: { tlsPassphrase: '***', port: 1 } }, { tlsPassphrase: '***', port: 1 }]);
  t.notMatch(JSON.stringify(lines), /sesame/);
});

test('no line is lost when the process exits or fails right after writing', async (t) => {
  for (const end of ['process.exit(0);', `throw new Error('late');`]) {
    const { lines } = await logged(`for (let i = 0; i < 2000; i += 1) log.info('line', { i }); ${end}`);
    t.strictSame(
      lines.map(({ i }) => i),
      Array.from({ length: 2000 }, (_, i) => i),
      end,
    );
  }
});

test('what the reader of the log cannot take in time is dropped, and the loss is told', async (t) => {
  const { lines } = await logged(`for (let i = 0; i < 40; i += 1) log.info('x'.repeat(1024 * 1024));`);
  const written = lines.filter(({ level }) => level === 'info').length;
  const told = lines.filter(({ level }) => level === 'warn');
  t.ok(written > 0 && written < 40, `${written} of 40 written`);
  t.match(told, [{ msg: /dropped/, lines: 40 - written }]);
  t.equal(told.length, 1);
});

test('a line for people has time, level, message and fields, and the stack below', async (t) => {
  const line = {
    level: 'warn',
    time: '2026-11-22T08:09:10.123Z',
    msg: 'slow',
    plugin: 'weather',
    ms: 12,
    error: { type: 'Error', message: 'm', stack: 'Error: m\n    at x' },
  };
  t.equal(
    prettyLine(JSON.stringify(line)),
    '08:09:10.123 warn  slow  plugin=weather  ms=12\n    Error: m\n        at x\n',
  );
});
