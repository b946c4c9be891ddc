import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import tap, { test } from 'tap';
import { call, until, untilWhole } from '../support/calls.ts';
import { type Family, parseExposition, type Sample } from '../support/exposition.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer({
  plugins: fileURLToPath(new URL('../fixtures/faults/calls', import.meta.url)),
  settings: {
    workers: 2,
    pluginSettings: { faulty: { tools: { 'never-settles': { timeoutMs: 300 }, loops: { timeoutMs: 500 } } } },
  },
});
tap.teardown(server.stop);

const text = async (): Promise<string> => (await fetch(`${server.adminUrl}/metrics`)).text();
const scrape = async (): Promise<Family[]> => parseExposition(await text());

function familyOf(families: readonly Family[], name: string): Family {
  const family = families.find((one) => one.name === name);
  if (family === undefined) throw new Error(`no metric ${name}`);
  return family;
}

/** Labels whose values nobody outside chooses. */
const FEW_VALUES = new Set(
  'le plugin tool outcome code side result state seat thread version hash reason phase'.split(' '),
);

/** The samples with these labels, among others. */
const select = (family: Family, labels: Readonly<Record<string, string>>): Sample[] =>
  family.samples.filter((sample) =>
    Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );

test('calls are counted by tool and by how they ended', async (t) => {
  await untilWhole(server);
  for (let n = 0; n < 5; n++) await call(server, 'steady/hold', { text: 'x', ms: 0 });
  await call(server, 'steady/hold', { text: 7, ms: 0 });
  await call(server, 'faulty/returns-error');
  await call(server, 'faulty/throws');
  await call(server, 'faulty/never-settles');
  await call(server, 'nobody');
  const families = await scrape();
  const calls = familyOf(families, 'hotlane_calls_total');
  const count = (tool: string, outcome: string): number | undefined =>
    select(calls, { tool, outcome })[0]?.value;
  t.equal(count('hold', 'success'), 5);
  t.equal(count('hold', 'schema_violation'), 1);
  t.equal(count('returns-error', 'tool_error'), 1);
  t.equal(count('throws', 'plugin_fault'), 1);
  t.equal(count('never-settles', 'deadline_exceeded'), 1);
  const errors = familyOf(families, 'hotlane_error_answers_total');
  t.equal(select(errors, { code: 'unknown_plugin' })[0]?.value, 1);
});

test('duration and queue wait are histograms with the objectives 0.008 and 0.08 among their bounds', async (t) => {
  const families = await scrape();
  for (const name of ['hotlane_call_duration_seconds', 'hotlane_queue_wait_seconds']) {
    const family = familyOf(families, name);
    t.equal(family.type, 'histogram');
    const own = select(family, { plugin: 'steady', tool: 'hold' });
    const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => labels.le);
    t.ok(bounds.includes('0.008') && bounds.includes('0.08'), bounds.join());
    t.equal(bounds.at(-1), '+Inf');
    const counts = buckets.map(({ value }) => value);
    t.strictSame(
      counts,
      counts.toSorted((a, b) => a - b),
      'buckets are cumulative',
    );
    t.equal(own.find((sample) => sample.name === `${name}_count`)?.value, counts.at(-1));
    t.equal(counts.at(-1), 6, 'a call that was refused by its schema has waited and ended, too');
    t.ok((own.find((sample) => sample.name === `${name}_sum`)?.value ?? 0) > 0);
  }
  const late = select(familyOf(families, 'hotlane_call_duration_seconds'), { tool: 'never-settles' });
  t.equal(late.find(({ labels }) => labels.le === '0.16')?.value, 0);
  t.equal(late.find(({ labels }) => labels.le === '+Inf')?.value, 1);
});

test('names follow Prometheus’s rules', async (t) => {
  for (const { name, type, help, samples } of await scrape()) {
    t.match(name, /^(hotlane|process)(_[a-z]+)+$/, name);
    t.match(help, /^[A-Z].*\.$/, `${name} is explained`);
    t.equal(type === 'counter', name.endsWith('_total'), `${name}: _total exactly for counters`);
    t.notMatch(
      name,
      /_(gauge|counter|histogram|summary|count|sum|bucket)(_|$)/,
      `${name}: no type in the name`,
    );
    t.notMatch(
      name,
      /_(ms|milliseconds|us|micros|minutes|kb|kib|mb|mib|percent)(_|$)/,
      `${name}: base units`,
    );
    if (type === 'histogram') t.match(name, /_seconds$/, `${name}: in seconds`);
    if (/utili[sz]ation/.test(name)) t.match(name, /_ratio$/, `${name}: a share`);
    const labels = new Set(samples.flatMap((sample) => Object.keys(sample.labels)));
    if (type !== 'histogram') t.notOk(labels.has('le'), name);
    t.strictSame(
      [...labels].filter((label) => !FEW_VALUES.has(label)),
      [],
      `${name}: labels of few values only`,
    );
  }
});

test('promtool, where it is installed, finds nothing to say', async (t) => {
  const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await text(),
  });
  if (error !== undefined)
    t.match(error, { code: 'ENOENT' }, 'not installed; the rules above are checked by code');
  else t.equal(status, 0, `${stdout}${stderr}`);
});

/** Each series of a counter or histogram by name and labels. */
function growing(families: readonly Family[]): Map<string, number> {
  const samples = families.filter(({ type }) => type !== 'gauge').flatMap((family) => family.samples);
  return new Map(samples.map(({ name, labels, value }) => [`${name}${JSON.stringify(labels)}`, value]));
}

test('no counter goes down or vanishes, whatever becomes of the workers', async (t) => {
  let before = growing(await scrape());
  const sunk: string[] = [];
  const end = new AbortController();
  const watching = (async () => {
    while (!end.signal.aborted) {
      const now = growing(await scrape());
      for (const [series, value] of before) {
        const next = now.get(series);
        if (next === undefined || next < value) sunk.push(`${series}: ${value} → ${next}`);
      }
      before = now;
      await pause(5);
    }
  })();
  for (const deadly of ['exits', 'loops', 'exits']) {
    const answers = await Promise.all([
      call(server, `faulty/${deadly}`),
      ...Array.from({ length: 20 }, () => call(server, 'steady/hold', { text: 'x', ms: 5 })),
    ]);
    t.ok(answers.every(({ status }) => [200, 502, 503, 504].includes(status)));
    await untilWhole(server);
  }
  end.abort();
  await watching;
  t.strictSame(sunk, []);
  const families = await scrape();
  const value = (name: string): number | undefined => familyOf(families, name).samples[0]?.value;
  // Two at first, a replacement each, and those that stand by for the next loss.
  t.ok((value('hotlane_worker_starts_total') ?? 0) >= 5);
  t.equal(value('hotlane_worker_crashes_total'), 2);
  t.equal(value('hotlane_worker_terminations_total'), 1);
});

test('what workers do shows: busy time grows under load, blocks come from the magazines', async (t) => {
  const busy = async (): Promise<number> =>
    familyOf(await scrape(), 'hotlane_worker_busy_seconds_total').samples.reduce(
      (sum, { value }) => sum + value,
      0,
    );
  const before = await busy();
  await until('workers were busy', async () => {
    await Promise.all(Array.from({ length: 50 }, () => call(server, 'faulty/returns-error')));
    return (await busy()) > before;
  });
  const slab = familyOf(await scrape(), 'hotlane_slab_requests_total');
  const front = (result: string): number => select(slab, { side: 'front', result })[0]?.value ?? Number.NaN;
  t.ok(front('hits') > front('misses'), `${front('hits')} hits, ${front('misses')} misses`);
  t.equal(front('fallbacks'), 0);
});
