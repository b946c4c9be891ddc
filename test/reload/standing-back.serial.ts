/** Which threads stand back while code is reloaded. */
import { readdirSync } from 'node:fs';
import tap, { test } from 'tap';
import { niceValueToReturnTo } from '../../src/scheduling/return-right.ts';
import { BACK, niceOf, ON_LINUX, USUAL } from '../scheduling/nice.ts';
import { until } from '../support/calls.ts';
import { greeter } from './greeter.ts';
import { startReloading } from './reloading-server.ts';

/** Its import is told in the log, with the nice value of the thread. */
const files = (version: string) => ({
  'greet/index.mjs': greeter(version, {
    top: "import { getPriority } from 'node:os';\nconsole.log(`imported at ${getPriority()}`);",
  }),
});

const server = await startReloading(tap, files('1.0.0'), { workers: 2 });

const imports = (of: 'candidate' | 'worker'): readonly string[] =>
  server.log
    .filter(
      ({ message, fields }) =>
        message.startsWith('imported') && (fields['probe'] === true) === (of === 'candidate'),
    )
    .map(({ message }) => message);

test('workers that load plugins compete, threads that try candidates stand back', ON_LINUX, async (t) => {
  for (const version of ['2.0.0', '3.0.0']) {
    server.save(files(version));
    await server.untilServing('greet', version);
  }
  t.strictSame(new Set(imports('worker')), new Set([`imported at ${USUAL}`]));
  t.strictSame(new Set(imports('candidate')), new Set([`imported at ${BACK}`]));
});

const standingBack = (): number =>
  readdirSync('/proc/self/task').filter((tid) => niceOf(tid) === BACK).length;

test(
  'a worker and a thread for the candidate stand back while they wait for new code',
  ON_LINUX,
  async (t) => {
    const expected = niceValueToReturnTo() === undefined ? 1 : 2;
    await until(`${expected} threads stand back`, () => standingBack() === expected);
    t.pass();
  },
);
