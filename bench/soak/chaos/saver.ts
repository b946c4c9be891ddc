/**
 * Saves versions of the well-behaved plugins, good and bad ones, now and then with a SIGHUP. Under chaos the server
 * may also take a good version back, since it cannot know whose fault a lost worker is; it must say so.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Make } from '../soaked-plugin.ts';
import type { Subject } from '../subject.ts';

/** Longest rest between two saves, in milliseconds. */
const restMs = 5000;
const makes: readonly Make[] = ['good', 'good', 'good', 'syntax', 'import', 'example'];
const hangupShare = 0.5;

/** Versions that may answer. */
export class GoodVersions {
  private readonly names = new Set<string>();

  add(plugin: string, version: string): void {
    this.names.add(`${plugin} ${version}`);
  }

  has(plugin: string, version: string): boolean {
    return this.names.has(`${plugin} ${version}`);
  }
}

export interface SaverOrder {
  readonly subjects: readonly Subject[];
  /** What is saved as a good version is added. */
  readonly good: GoodVersions;
  readonly random: () => number;
  readonly stop: AbortSignal;
  /** Sends the server a SIGHUP. */
  readonly hangUp: () => void;
}

export class Saver {
  /** How saves ended: `good save: serves`. */
  readonly outcomes: Record<string, number> = {};
  private readonly subjects: readonly Subject[];
  private readonly random: () => number;
  private readonly stop: AbortSignal;
  private readonly hangUp: () => void;
  private readonly good: GoodVersions;

  constructor(order: SaverOrder) {
    this.subjects = order.subjects;
    this.good = order.good;
    this.random = order.random;
    this.stop = order.stop;
    this.hangUp = order.hangUp;
  }

  /** Rejects with `Stuck` when the server does not say in time what became of a version. */
  async run(): Promise<void> {
    while (!this.stop.aborted) {
      await sleep(this.random() * restMs, undefined, { signal: this.stop }).catch(() => undefined);
      const subject = this.subjects[Math.floor(this.random() * this.subjects.length)];
      const make = makes[Math.floor(this.random() * makes.length)];
      if (this.stop.aborted || subject === undefined || make === undefined) return;
      const ended = `${make === 'good' ? 'good save' : make}: ${await this.save(subject, make)}`;
      this.outcomes[ended] = (this.outcomes[ended] ?? 0) + 1;
    }
  }

  private async save(subject: Subject, make: Make): Promise<string> {
    // The version counts before the file is there: it may answer before the write call returns.
    if (make === 'good') this.good.add(subject.name, subject.file.nextVersion);
    const { version, at } = subject.file.save(make);
    if (this.random() < hangupShare) this.hangUp();
    const view = await subject.until(
      `the end of version ${version}, made with: ${make}`,
      ({ version: serving, rejected }) =>
        serving === version ||
        // The version before may be taken back only now; it has served.
        (rejected !== undefined &&
          Date.parse(rejected.since) >= at &&
          subject.versionOf(rejected.hash) === undefined),
    );
    if (view.version !== version) return `refused at step ${view.rejected?.problem.step}`;
    subject.settled(version, view.hash);
    return 'serves';
  }
}
