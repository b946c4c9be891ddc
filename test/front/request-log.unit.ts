import { setTimeout as delay } from 'node:timers/promises';
import { test } from 'tap';
import { RequestLog } from '../../src/front/request-log.ts';
import { memoryLog, type ServerLine } from '../support/server.ts';

/** A log for requests of which one in `sample` is written, and its lines. */
function requestLog(sample: number) {
  const lines: ServerLine[] = [];
  return { log: new RequestLog(memoryLog(lines), sample), lines };
}

const second = (): number => Math.floor(performance.now() / 1000);

/** Resolves at the beginning of a second of the process's clock: timers may come a little early. */
async function nextSecond(): Promise<void> {
  const now = second();
  while (second() === now) await delay(5);
}

test('of successful requests one in so many is wanted, and none where the number is 0', async (t) => {
  for (const [sample, wanted] of [
    [3, [false, false, true, false, false, true]],
    [1, [true, true, true]],
    [0, [false, false, false]],
  ] as const) {
    const { log } = requestLog(sample);
    t.same(
      Array.from(wanted, () => log.wantsSuccess()),
      wanted,
    );
  }
});

test('a failed request is one line with what is known of it', async (t) => {
  const { log, lines } = requestLog(0);
  const facts = { requestId: 'a', status: 404, plugin: 'p', tool: undefined, code: 'UNKNOWN_TOOL' };
  log.failure(facts);
  t.same(lines, [{ level: 'warn', message: 'request failed', fields: facts }]);
});

test('of many failures in a second fifty are written, and the next line tells of the others', async (t) => {
  const { log, lines } = requestLog(0);
  await nextSecond();
  for (let count = 0; count < 80; count++) log.failure({ requestId: `${count}`, status: 503 });
  t.equal(lines.length, 50);
  await nextSecond();
  log.failure({ requestId: 'later', status: 503 });
  t.equal(lines.length, 52);
  t.match(lines[50], { level: 'warn', message: /^30 failed requests not logged/ });
  t.match(lines[51], { fields: { requestId: 'later' } });
});
