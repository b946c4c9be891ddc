import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { Probe } from '../../src/probe/probe.ts';
import type { ProbeLogLine } from '../../src/probe/probe-thread.ts';
import { ANYWHERE } from '../support/outbound.ts';
import { samplePlugin, sampleSource } from './sample-plugin.ts';

// Most of a verdict is the start of a thread.
tap.jobs = 2;

const PLUGINS = fileURLToPath(new URL('../../plugins', import.meta.url));

test('a candidate that is fit is told by its manifest', async (t) => {
  const verdict = await new Probe().judge({
    source: sampleSource(t, {
      'index.mjs': samplePlugin({}, { examples: '[{ input: { n: 2 }, output: { twice: 4 } }]' }),
    }),
  });
  t.match(verdict, {
    kind: 'fit',
    manifest: {
      name: 'sample',
      version: '1.2.3',
      description: 'A sample.',
      tools: [
        {
          name: 'double',
          summary: 'Double a number.',
          timeoutMs: undefined,
          idempotent: false,
          input: { type: 'object' },
          output: { type: 'object' },
          native: { method: 'POST', path: '/double' },
          isStreaming: false,
        },
      ],
      hasEvents: false,
    },
    warnings: [],
  });
});

for (const name of ['digest', 'email-check', 'id-card', 'order-status']) {
  test(`the example plugin ${name} is fit`, async (t) => {
    const verdict = await new Probe().judge({
      source: { name, entry: join(PLUGINS, name, 'index.ts'), config: {}, outbound: ANYWHERE },
    });
    t.match(verdict, { kind: 'fit', manifest: { name }, warnings: [] });
  });
}

test('the example plugin weather is fit without its service, with a warning for each example', async (t) => {
  const verdict = await new Probe().judge({
    source: {
      name: 'weather',
      entry: join(PLUGINS, 'weather', 'index.ts'),
      // Discards what it is sent: nobody listens there.
      config: { upstream: 'http://127.0.0.1:9' },
      outbound: ANYWHERE,
    },
  });
  t.match(verdict, {
    kind: 'fit',
    warnings: [/^tools\.current\.examples\[0\] was answered with an error: /, /examples\[1\]/],
  });
});

test('a schema of a thousand properties is fit', async (t) => {
  const table = 'Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`p${n}`, { type: "string" }]))';
  const verdict = await new Probe().judge({
    source: sampleSource(t, {
      'index.mjs': samplePlugin({}, { input: `{ type: "object", properties: ${table} }` }),
    }),
  });
  t.match(verdict, { kind: 'fit' });
});

test('init, each example and dispose run once, in this order, with the plugin’s configuration', async (t) => {
  const lines: string[] = [];
  const probe = new Probe({ onLog: ({ message }) => lines.push(message) });
  await probe.judge({
    source: sampleSource(t, {
      'index.mjs': samplePlugin(
        {
          init: '({ config }) => console.log("init", config.colour)',
          dispose: '() => console.log("dispose")',
        },
        {
          execute: '({ n }, ctx) => { console.log("example", ctx.userId); return { twice: 2 * n } }',
          examples: '[{ input: { n: 1 } }, { input: { n: 2 } }]',
        },
      ),
    }),
  });
  t.strictSame(lines, ['init blue', 'example 1', 'example 1', 'dispose']);
});

test('what init took is given back when an example fails', async (t) => {
  const lines: ProbeLogLine[] = [];
  const probe = new Probe({ onLog: (line) => lines.push(line) });
  const verdict = await probe.judge({
    source: sampleSource(t, {
      'index.mjs': samplePlugin(
        { dispose: '() => { console.log("given back"); throw new Error("too late"); }' },
        { examples: '[{ input: { n: "x" } }]' },
      ),
    }),
  });
  t.match(verdict, {
    kind: 'unfit',
    step: 'example',
    reason: 'tools.double.examples[0] does not match the input schema: "parameters.n" must be integer',
  });
  t.match(lines, [{ level: 'info', message: 'given back' }]);
});

test('an error thrown outside of any call is a warning', async (t) => {
  const verdict = await new Probe().judge({
    source: sampleSource(t, {
      'index.mjs': samplePlugin({
        init: '() => { setTimeout(() => { throw new Error("loose end"); }); return new Promise((done) => setTimeout(done, 50)); }',
      }),
    }),
  });
  t.match(verdict, { kind: 'fit', warnings: ['an error was thrown outside of any call: loose end'] });
});

test('candidates have no memory of each other', async (t) => {
  const probe = new Probe();
  const source = sampleSource(t, {
    'index.mjs': samplePlugin({
      init: '() => { if (globalThis.seen) throw new Error("seen before"); globalThis.seen = true; }',
    }),
  });
  const verdicts = await Promise.all([probe.judge({ source }), probe.judge({ source })]);
  t.match(verdicts, [{ kind: 'fit' }, { kind: 'fit' }]);
  probe.prepare();
  t.match(await probe.judge({ source }), { kind: 'fit' });
  t.match(await probe.judge({ source }), { kind: 'fit' }, 'a prepared thread serves once');
});

test('a prepared thread that has gone again is not missed', async (t) => {
  const probe = new Probe({ idleMs: 1 });
  probe.prepare();
  await setTimeout(20);
  t.match(await probe.judge({ source: sampleSource(t, { 'index.mjs': samplePlugin() }) }), { kind: 'fit' });
});

test('a probe that is closed refuses what it judges and what it is given', async (t) => {
  const probe = new Probe();
  const source = sampleSource(t, { 'index.mjs': 'for (;;);' });
  probe.prepare();
  const judging = probe.judge({ source });
  probe.close();
  const refused = { kind: 'unfit', step: 'thread', reason: 'the probe was closed' };
  t.match(await judging, refused);
  t.match(await probe.judge({ source }), refused);
});
