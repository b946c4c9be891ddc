import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Test, test } from 'tap';
import { AuditJournal, type JournalOptions } from '../../src/lifecycle/audit-journal.ts';
import { ownFolder } from '../support/own-folder.ts';
import { plainNode } from '../support/plain-node.ts';
import { entry, LARGEST, numberOf } from './entries.ts';

const child = fileURLToPath(new URL('append-for-ever.ts', import.meta.url));

function newJournal(
  t: Test,
  options: Partial<JournalOptions> = {},
): { readonly journal: AuditJournal; readonly path: string } {
  const path = join(ownFolder(t, {}), 'state', 'audit.jsonl');
  return { journal: journalAt(t, path, options), path };
}

function journalAt(t: Test, path: string, options: Partial<JournalOptions> = {}): AuditJournal {
  const journal = new AuditJournal(path, {
    onError: (error) => t.fail('the disk failed', { error }),
    ...options,
  });
  t.teardown(() => journal.close());
  return journal;
}

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, n) => from + n);

test('an entry is one line of JSON with time and transition', async (t) => {
  const { journal, path } = newJournal(t);
  const before = new Date().toISOString();
  journal.append(entry(3));
  await journal.close();
  const [line = '', ...more] = readFileSync(path, 'utf8').split('\n');
  const { time, ...transition } = JSON.parse(line);
  t.strictSame(transition, entry(3));
  t.ok(before <= time && time <= new Date().toISOString(), time);
  t.strictSame(more, ['']);
});

test('entries are in the order of the appends, and the last ones are read back, oldest first', async (t) => {
  const { journal } = newJournal(t);
  for (const n of numbers(1_500)) {
    journal.append(entry(n));
    if (n % 400 === 0) await journal.read(1);
  }
  t.strictSame((await journal.read(3)).map(numberOf), [1_497, 1_498, 1_499]);
  t.strictSame((await journal.read(5_000)).map(numberOf), numbers(1_500), 'more than there are');
  t.strictSame(await journal.read(0), []);
});

test('a journal without a file is empty', async (t) => {
  t.strictSame(await newJournal(t).journal.read(10), []);
});

test('a file that would grow too large makes room, and one old file is kept', async (t) => {
  const { journal, path } = newJournal(t, { largest: LARGEST });
  for (const n of numbers(500)) journal.append(entry(n));
  const read = (await journal.read(500)).map(numberOf);
  t.strictSame(read, numbers(read.length, 500 - read.length), 'the last ones, none missing, from both files');
  t.ok(read.length < 500, 'the first ones are gone');
  for (const file of [path, `${path}.1`]) {
    const { size } = statSync(file);
    t.ok(size > 0 && size <= LARGEST, `${size} bytes`);
  }
  t.ok(statSync(`${path}.1`).size > LARGEST / 2, 'a file is not given up early');
});

test('a torn last line is not read, and cut off before the next', async (t) => {
  const { journal, path } = newJournal(t);
  for (const n of numbers(3)) journal.append(entry(n));
  await journal.close();
  // Longer than one piece in which the file is read backwards.
  appendFileSync(path, `{"time":"2026-01-01","plugin":"${'x'.repeat(200_000)}`);
  const next = journalAt(t, path);
  t.strictSame((await next.read(10)).map(numberOf), [0, 1, 2]);
  next.append(entry(3));
  t.strictSame((await next.read(10)).map(numberOf), [0, 1, 2, 3]);
  t.notMatch(readFileSync(path, 'utf8'), /xxx/);
});

test('a file of nothing but a torn line starts anew', async (t) => {
  const { journal, path } = newJournal(t);
  journal.append(entry(0));
  await journal.close();
  writeFileSync(path, '{"time":');
  const next = journalAt(t, path);
  next.append(entry(1));
  t.strictSame((await next.read(10)).map(numberOf), [1]);
});

test('a line that is no entry is passed over', async (t) => {
  const { journal, path } = newJournal(t);
  journal.append(entry(0));
  await journal.close();
  appendFileSync(path, 'note to self\n{"time":"2026-01-01"}\nnull\n');
  journal.append(entry(1));
  t.strictSame((await journal.read(2)).map(numberOf), [0, 1]);
});

test('an error of the disk is reported for each entry it costs, and the next entry is tried anew', async (t) => {
  const path = join(ownFolder(t, { state: 'a file where the folder should be' }), 'state', 'audit.jsonl');
  const errors: unknown[] = [];
  const journal = journalAt(t, path, { onError: (error) => errors.push(error) });
  journal.append(entry(0));
  journal.append(entry(1));
  await journal.close();
  t.match(errors, [{ code: 'EEXIST' }, { code: 'EEXIST' }]);
  rmSync(join(path, '..'));
  journal.append(entry(2));
  t.strictSame((await journal.read(10)).map(numberOf), [2]);
  t.equal(errors.length, 2);
});

test('a killed process leaves whole entries in order, and the next one adds to them', async (t) => {
  const path = join(ownFolder(t, {}), 'audit.jsonl');
  for (const round of numbers(3)) {
    const writer = spawn(...plainNode(child, path), { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => writer.kill('SIGKILL'));
    await once(writer.stdout, 'data');
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    const journal = journalAt(t, path, { largest: LARGEST });
    // By then the files have turned over: nothing is left of the round before.
    const left = (await journal.read(10_000)).map(numberOf);
    t.ok(left.length > 10, `${left.length} entries`);
    t.strictSame(left, numbers(left.length, left[0]), `round ${round}`);
    journal.append(entry(7));
    t.strictSame((await journal.read(2)).map(numberOf), [left.at(-1), 7]);
    await journal.close();
    t.equal(readFileSync(path, 'utf8').split('\n').at(-1), '', 'the file ends with a whole line');
  }
});
