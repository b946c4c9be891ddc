/**
 * The time after a roll in which new code can still be sent back. Who comes through it is good: the version to
 * start with and to go back to.
 */
import type { LostWorker } from '../pool/deployment.ts';
import { failing, isSuspect, losing, tripping } from './doubts.ts';
import type { ReloadHost } from './host.ts';
import type { PluginRecord } from './plugin-record.ts';
import type { Version } from './version.ts';

/** How long it takes, in ms. */
const TERM = 10_000;
/** Between two looks at the counters, in ms. */
const LOOK_EVERY = 200;

interface Term {
  readonly record: PluginRecord;
  readonly version: Version;
  readonly before: Version;
  readonly until: number;
}

export interface ProbationOptions {
  readonly host: Pick<ReloadHost, 'countsOf' | 'circuitsOf'>;
  /** It came through. */
  readonly onGood: (version: Version) => void;
  /** It should go. Called once for a version. */
  readonly onDoubt: (record: PluginRecord, version: Version, reason: string) => void;
}

export class Probation {
  private readonly options: ProbationOptions;
  private terms: Term[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(options: ProbationOptions) {
    this.options = options;
  }

  /** Without a version `before` there is no way back, hence nothing to find out: it is good at once. */
  begin(record: PluginRecord, version: Version, before: Version | undefined): void {
    this.terms = this.terms.filter((term) => term.record !== record);
    if (before === undefined) {
      this.options.onGood(version);
      return;
    }
    this.terms.push({ record, version, before, until: performance.now() + TERM });
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY).unref();
  }

  /** A serving worker was lost. */
  workerLost({ deployment, reason, culprit }: LostWorker): void {
    const loaded = new Set(deployment.plugins.map(({ version }) => version));
    const concerned = this.terms.filter(
      ({ record, version }) => loaded.has(version.id) && isSuspect(record.name, culprit),
    );
    for (const term of concerned) {
      const doubt = losing(this.options.host.countsOf(term.version.id), reason);
      if (doubt !== undefined) this.end(term, doubt);
    }
  }

  private look(): void {
    const { host } = this.options;
    for (const term of this.terms) {
      const { record, version, before } = term;
      const old = host.countsOf(before.id);
      const broken = host.circuitsOf(record.name).map(({ tool }) => tool);
      const doubt = failing(host.countsOf(version.id), old) ?? tripping(broken, old);
      if (doubt !== undefined || performance.now() >= term.until) this.end(term, doubt);
    }
  }

  private end(term: Term, doubt: string | undefined): void {
    this.terms = this.terms.filter((other) => other !== term);
    if (this.terms.length === 0) this.close();
    const { record, version } = term;
    // Replaced meanwhile: nobody asks any more.
    if (record.serving !== version) return;
    if (doubt === undefined) this.options.onGood(version);
    else this.options.onDoubt(record, version, doubt);
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
