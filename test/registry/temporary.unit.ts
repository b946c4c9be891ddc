import { spawnSync } from 'node:child_process';
import { test } from 'tap';
import { isLeftover, temporaryName } from '../../src/registry/temporary.ts';

const NOW = Date.now();
const own = temporaryName();
/** This process's name with another process id. */
const of = (pid: number | undefined): string => own.replace(`-${process.pid}-`, `-${pid}-`);

test('what this process is making is not left over, what an earlier one with its id made is', async (t) => {
  t.notOk(isLeftover(own, NOW));
  t.ok(isLeftover(own, performance.timeOrigin - 1));
});

test('what a dead process made is left over, what a living one made is not', async (t) => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  t.ok(isLeftover(of(pid), NOW));
  t.notOk(isLeftover(of(process.ppid), NOW));
});

test('what another machine made is left over when it is old', async (t) => {
  const other = '.tmp-some-other-host-1-0123abcd';
  t.notOk(isLeftover(other, NOW));
  t.ok(isLeftover(other, NOW - 2 * 60 * 60 * 1000));
});

test('nothing else is left over', async (t) => {
  for (const file of ['state.json', 'a'.repeat(64), '.tmp', '.tmp-x', `${own}.js`])
    t.notOk(isLeftover(file, 0));
});
