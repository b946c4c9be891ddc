/**
 * Replies travel in the block of their request, in a larger one, or, when none is free, by message. The caller
 * cannot tell the difference.
 */
import tap, { test } from 'tap';
import { Gate } from '../support/gate.ts';
import { call, dataOf, isError } from '../support/http-call.ts';
import { startTestServer } from '../support/server.ts';

// Forty answers of 1 MiB may take a busy machine longer than calls should wait; that is not what is tested here.
const server = await startTestServer({ settings: { startBudgetMs: 0 } });
tap.teardown(server.stop);

const KiB = 1024;
const MiB = KiB * KiB;

const frame = (text: string) => `{"status":"success","data":{"text":"${text}"}}`;

/** A call of `reply/repeat` whose answer has exactly so many bytes. */
function replyOf(bytes: number, text: string) {
  const room = bytes - frame('').length;
  const parameters = {
    text,
    times: Math.floor(room / Buffer.byteLength(text)),
    tail: 'x'.repeat(room % Buffer.byteLength(text)),
  };
  return { parameters, expected: frame(text.repeat(parameters.times) + parameters.tail) };
}

for (const [block, size] of [
  ['a small', 4 * KiB],
  ['a medium', 64 * KiB],
  ['a large', MiB + 64 * KiB],
  ['any', 2 * MiB],
] as const) {
  test(`replies around the size of ${block} block arrive whole, in one-byte and in three-byte characters`, async (t) => {
    for (const bytes of [size - 1, size, size + 1]) {
      for (const text of ['x', '界']) {
        const { parameters, expected } = replyOf(bytes, text);
        const { body, headers } = await call(server, 'reply/repeat', parameters);
        t.equal(headers.get('content-length'), String(bytes));
        t.ok(body === expected, `${bytes} bytes`);
      }
    }
  });
}

test('the largest reply has 16 MiB; a longer one is the fault of the plugin', async (t) => {
  for (const text of ['x', '界']) {
    const { parameters, expected } = replyOf(16 * MiB, text);
    t.ok((await call(server, 'reply/repeat', parameters)).body === expected);
    const longer = replyOf(16 * MiB + 1, text);
    isError(t, await call(server, 'reply/repeat', longer.parameters), 'BAD_OUTPUT');
  }
});

test('forty large replies at once arrive whole', async (t) => {
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const { parameters, expected } = replyOf(MiB + index, String.fromCharCode(0x4e00 + index));
      return (await call(server, 'reply/repeat', parameters)).body === expected;
    }),
  );
  t.same(
    answers,
    Array.from(answers, () => true),
  );
});

test('forty requests of 1 MiB are run at once; with no large block left they and others go by message', async (t) => {
  const gate = new Gate();
  t.teardown(() => gate.close());
  const padding = 'x'.repeat(MiB - 100);
  const atFirst = await slowRequests();
  const holding = Array.from({ length: 40 }, () => call(server, 'gate/pass', { label: 'hold', padding }));
  await gate.entered('hold', 40);
  const before = await slowRequests();
  t.equal(before - atFirst, 40 - 32);
  const numbered = Array.from({ length: 8 }, (_, index) => {
    const parameters = { text: String(index).repeat(MiB - 100) };
    return call(server, 'echo', parameters).then(({ body }) => body === frame(parameters.text));
  });
  t.same(
    await Promise.all(numbered),
    Array.from(numbered, () => true),
  );
  t.equal((await slowRequests()) - before, 8);
  const { parameters, expected } = replyOf(MiB, '界');
  t.ok((await call(server, 'reply/repeat', parameters)).body === expected);
  gate.open('hold');
  for (const answer of await Promise.all(holding)) t.same(dataOf(answer), { label: 'hold' });

  const after = await slowRequests();
  t.equal((await call(server, 'echo', { text: padding })).body, frame(padding));
  t.equal(await slowRequests(), after, 'and by blocks again afterwards');
});

/** How many requests found no block so far. */
async function slowRequests(): Promise<number> {
  const metrics = await (await fetch(`${server.adminUrl}/metrics`)).text();
  const [, count] =
    /^hotlane_slab_requests_total\{side="front",result="fallbacks"\} (\d+)$/m.exec(metrics) ?? [];
  return Number(count);
}
