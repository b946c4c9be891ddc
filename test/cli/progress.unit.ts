import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'tap';
import { showProgress } from '../../src/cli/progress.ts';

/** A terminal that keeps what is written to it. */
function terminal(isTTY: boolean) {
  const written: string[] = [];
  const { promise: first, resolve } = Promise.withResolvers<void>();
  const write = (text: string): void => {
    written.push(text);
    resolve();
  };
  return { isTTY, write, written, first };
}

test('at a terminal the line tells what goes on and for how long, and goes away in the end', async (t) => {
  const screen = terminal(true);
  const stop = showProgress('reload greet', screen, 1);
  await screen.first;
  stop();
  t.match(screen.written[0], /^\rreload greet … \d+ ms$/);
  t.match(screen.written.at(-2), /^\r {15,}$/);
  t.equal(screen.written.at(-1), '\r');
  const { length } = screen.written;
  await delay(5);
  t.equal(screen.written.length, length, 'nothing comes after');
});

test('what ends at once writes nothing, and neither does anything where there is no terminal', async (t) => {
  const screen = terminal(true);
  showProgress('reload', screen)();
  t.strictSame(screen.written, []);
  const file = terminal(false);
  const stop = showProgress('reload', file, 1);
  await delay(5);
  stop();
  t.strictSame(file.written, []);
});
