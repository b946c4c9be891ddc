import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'tap';
import { stolenSecondsIn } from '../../bench/process/machine-cpu.ts';
import { cpuSecondsIn, residentBytesIn, usageByAsking } from '../../bench/process/usage.ts';

test('CPU time is read past a command name with blanks and brackets', async (t) => {
  const stat = '4711 (a) b (c)) S 1 4711 4711 0 -1 4194560 100 0 0 0 250 150 7 9 20 0 11 0 12345 0';
  t.equal(cpuSecondsIn(stat), 4);
});

test('the resident set is read in bytes', async (t) => {
  t.equal(residentBytesIn('Name:\tnode\nVmHWM:\t   99 kB\nVmRSS:\t   84 kB\nThreads:\t7\n'), 84 * 1024);
});

test('a process with the reporter preloaded tells its own usage and still ends by itself', async (t) => {
  const reporter = new URL('../../bench/process/usage-reporter.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', reporter, '-e', 'setTimeout(() => {}, 1000)'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const usage = await usageByAsking(child);
  t.ok(usage.cpuSeconds > 0.01 && usage.cpuSeconds < 10, `${usage.cpuSeconds} s`);
  t.ok(usage.residentBytes > 2 ** 24, `${usage.residentBytes} bytes`);
  t.same(await ended, [0, null]);
});

test('stolen time is the eighth number of the first line', async (t) => {
  t.equal(
    stolenSecondsIn('cpu  180928 1 103882 432536 1072 2 10589 22600 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n'),
    226,
  );
  t.equal(stolenSecondsIn('something else'), 0);
});
