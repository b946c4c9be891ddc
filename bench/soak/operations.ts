/**
 * What is done to the plugins. Each operation announces whom it may bring to answer, does it, waits until the
 * server says that it is over, and leaves one voice. It resolves with how it ended, in a few words.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ActionReport } from '../../src/reload/control.ts';
import { failing, inactive, tripped } from './lineage.ts';
import type { Make } from './soaked-plugin.ts';
import { Stuck, type Subject } from './subject.ts';

export interface Operation {
  readonly name: string;
  /** How often it is done, compared with the others. */
  readonly share: number;
  /** Whether other plugins must be left alone meanwhile. */
  readonly isAlone?: boolean;
  run(subject: Subject, random: () => number): Promise<string>;
}

export const operations: readonly Operation[] = [
  { name: 'good save', share: 8, run: (subject) => saveGood(subject) },
  { name: 'two saves', share: 3, run: saveTwice },
  { name: 'syntax error', share: 2, run: (subject) => saveBad(subject, 'syntax') },
  { name: 'throws at import', share: 2, run: (subject) => saveBad(subject, 'import') },
  { name: 'failing example', share: 2, run: (subject) => saveBad(subject, 'example') },
  // When a roll of several plugins is taken back, the server tries them one by one, and what was refused may come again.
  { name: 'throws on every call', share: 2, isAlone: true, run: (subject) => saveFailing(subject, 'throws') },
  { name: 'wears out', share: 2, isAlone: true, run: (subject) => saveFailing(subject, 'wears out') },
  { name: 'rollback', share: 2, run: rollBack },
  { name: 'rollback to a hash', share: 2, run: rollBackTo },
  { name: 'deactivate and activate', share: 3, run: deactivate },
  { name: 'touch', share: 2, run: touch },
];

async function saveGood(subject: Subject): Promise<string> {
  // Announced first: the new version may answer before the write call returns.
  const { version } = announcedSave(subject);
  await subject.untilServes(version);
  return 'serves';
}

/** The second comes while the first settles, is judged, or rolls. */
async function saveTwice(subject: Subject, random: () => number): Promise<string> {
  subject.passing.add(announcedSave(subject).version);
  await sleep(random() * 700);
  const { version } = announcedSave(subject);
  await subject.untilServes(version);
  return 'the second serves';
}

async function saveBad(subject: Subject, make: Make): Promise<string> {
  const { at } = subject.file.save(make);
  const { rejected } = await subject.until(
    `the refusal of a version made with: ${make}`,
    ({ rejected: refused }) => refused !== undefined && Date.parse(refused.since) >= at,
  );
  return `refused at step ${rejected?.problem.step}`;
}

/** It passes the probe; only calls can show that it is no good. */
async function saveFailing(subject: Subject, make: 'throws' | 'wears out'): Promise<string> {
  const { current } = subject;
  const { version, at } = subject.file.save(make);
  subject.lineage.announce(failing(version), tripped);
  if (make === 'wears out') subject.lineage.announce(version);
  const { rejected } = await subject.until(
    `version ${version}, made with: ${make}, to be taken back`,
    ({ rejected: refused, version: serving }) =>
      serving === current && refused !== undefined && Date.parse(refused.since) >= at,
  );
  subject.lineage.only(current, performance.now());
  return `taken back at step ${rejected?.problem.step}`;
}

async function rollBack(subject: Subject): Promise<string> {
  const ways = await subject.waysBack();
  subject.lineage.announce(...ways.map(({ version }) => version), ...subject.passing);
  return wentBack(subject, await subject.admin.act(subject.name, 'rollback'));
}

async function rollBackTo(subject: Subject, random: () => number): Promise<string> {
  const ways = await subject.waysBack();
  const way = ways[Math.floor(random() * ways.length)];
  if (way === undefined) return 'nowhere to go';
  subject.lineage.announce(way.version);
  const report = await subject.admin.act(subject.name, 'rollback', { hash: way.hash.slice(0, 12) });
  if (report.outcome !== 'rolled') throw new Stuck(`${subject.name}: no way back: ${JSON.stringify(report)}`);
  return wentBack(subject, report);
}

async function wentBack(subject: Subject, report: ActionReport): Promise<string> {
  if (report.outcome !== 'rolled') {
    subject.lineage.only(subject.current, performance.now());
    return report.outcome;
  }
  const hash = report.changes.find(({ plugin }) => plugin === subject.name)?.to;
  const version = subject.versionOf(hash) ?? (await passingVersion(subject));
  if (version === undefined) throw new Stuck(`${subject.name}: went back to ${hash}, which was never good`);
  subject.settled(version, hash);
  return report.outcome;
}

/** The version that serves, where it is one that passed by. */
async function passingVersion(subject: Subject): Promise<string | undefined> {
  const { version } = await subject.view();
  return version !== undefined && subject.passing.has(version) ? version : undefined;
}

/** While it is off, sometimes a version is saved, which may come into service only afterwards. */
async function deactivate(subject: Subject, random: () => number): Promise<string> {
  subject.lineage.announce(inactive);
  await done(subject, 'deactivate');
  subject.lineage.only(inactive, performance.now());
  await sleep(random() * 500);
  const saved = random() < 0.5 ? subject.file.save('good').version : undefined;
  await sleep(random() * 500);
  subject.lineage.announce(subject.current, ...(saved === undefined ? [] : [saved]));
  await done(subject, 'activate');
  await subject.untilServes(saved ?? subject.current);
  return saved === undefined ? 'serves again' : 'serves what was saved meanwhile';
}

async function done(subject: Subject, action: 'deactivate' | 'activate'): Promise<void> {
  const report = await subject.admin.act(subject.name, action);
  if (report.outcome === 'done' || report.outcome === 'rolled') return;
  throw new Stuck(`${subject.name}: ${action} ended with ${JSON.stringify(report)}`);
}

/** Long enough for a roll to begin, if the server took it for a change. */
const touchedMs = 500;

async function touch(subject: Subject): Promise<string> {
  const before = await subject.view();
  subject.file.touch();
  await sleep(touchedMs);
  const after = await subject.view();
  if (before.hash !== after.hash || before.since !== after.since) {
    throw new Stuck(`${subject.name}: touching its file took it from ${before.since} to ${after.since}`);
  }
  return 'nothing happens';
}

function announcedSave(subject: Subject): { readonly version: string } {
  const saved = subject.file.save('good');
  subject.lineage.announce(saved.version);
  return saved;
}
