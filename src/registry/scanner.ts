/**
 * Keeps looking at the plugin folder and tells when what it holds has become something else.
 *
 *   hint, every `rescanMs`, or rescan() ─► pass ─► judgement ─► view, if it is another one
 *                                           ▲          │
 *                                           └─ soon ───┘ while anything is unsettled
 */
import type { Log } from '../core/log.ts';
import type { Keep } from './intake.ts';
import { type Pass, Scan } from './scan.ts';
import { type Judgement, Settling } from './settling.ts';
import { isSameView, type View } from './view.ts';
import { type HintWatch, watchHints } from './watch-hints.ts';
import { WriteLocks } from './write-lock.ts';

/** Milliseconds between passes while something takes long. */
const SLOW_MS = 250;
/** A pass takes at most this part of the time, however many files there are. */
const SHARE = 1 / 20;

export interface ScannerOptions {
  /** It may be a link, be replaced, and be missing for a time. */
  readonly folder: string;
  /** Makes the copies that views speak of, as `VersionStore.keep` does. */
  readonly keep: Keep;
  readonly log: Pick<Log, 'warn'>;
  /** Never called with the same versions and failures twice in a row. */
  readonly onView: (view: View) => void;
  /** The first sign of a change, some `settleMs` before its view. There may be none, and no view may follow. */
  readonly onHint?: () => void;
  /** Hints are not listened for before it resolves; until then only passes find changes. */
  readonly watchFrom?: Promise<void>;
  /** Files must have been left alone for so long; milliseconds. */
  readonly settleMs?: number;
  /** Between passes without any hint; milliseconds. */
  readonly rescanMs?: number;
  /** How long plugins wait for one that is being written; milliseconds. */
  readonly patienceMs?: number;
  /** An older lock file locks nothing; milliseconds. */
  readonly lockStaleMs?: number;
}

interface Question {
  readonly force: boolean;
  readonly answer: PromiseWithResolvers<View>;
}

export class Scanner {
  private readonly options: ScannerOptions;
  private readonly settleMs: number;
  private readonly rescanMs: number;
  private readonly scan: Scan;
  private readonly settling: Settling;
  private readonly end = new AbortController();
  private readonly running: Promise<void>;
  private shown: View | undefined;
  private watch: { readonly identity: string; readonly opened: Promise<HintWatch | undefined> } | undefined;
  /** Asked since the last pass began. */
  private questions: Question[] = [];
  private isHinted = false;
  private pace: Judgement['pace'] = 'busy';
  private wake: () => void = () => undefined;

  /** Begins at once. */
  constructor(options: ScannerOptions) {
    const {
      folder,
      keep,
      log,
      settleMs = 50,
      rescanMs = 2000,
      patienceMs = 2000,
      lockStaleMs = 60_000,
    } = options;
    this.options = options;
    this.settleMs = settleMs;
    this.rescanMs = rescanMs;
    this.scan = new Scan(folder, { keep, settleMs, locks: new WriteLocks(lockStaleMs, log) });
    this.settling = new Settling(settleMs, patienceMs);
    this.running = this.run();
  }

  /**
   * The settled view of a pass that begins after this call, whether or not it is another one. With `force`, files that
   * seem unchanged are read too and their copies checked. Rejects when the scanner is closed.
   */
  rescan({ force = false } = {}): Promise<View> {
    const answer = Promise.withResolvers<View>();
    if (this.end.signal.aborted) answer.reject(closed());
    else this.questions.push({ force, answer });
    this.wake();
    return answer.promise;
  }

  async close(): Promise<void> {
    this.end.abort();
    this.wake();
    await this.running;
    await this.unwatch();
  }

  private async run(): Promise<void> {
    const asked: Question[] = [];
    while (!this.end.signal.aborted) {
      this.isHinted = false;
      const force = this.questions.some((question) => question.force);
      asked.push(...this.questions.splice(0));
      const begun = performance.now();
      const pass = await this.scan.pass(force);
      const ended = performance.now();
      await this.watchWhere(pass);
      const { view, pace, newlySlow } = this.settling.judge(pass, begun, ended);
      this.pace = pace;
      for (const [plugin, reason] of newlySlow)
        this.options.log.warn('a plugin is not picked up yet', { plugin, reason });
      if (view !== undefined) {
        this.show(view);
        for (const { answer } of asked.splice(0)) answer.resolve(view);
      }
      await this.pause(ended - begun);
    }
    for (const { answer } of [...asked, ...this.questions.splice(0)]) answer.reject(closed());
  }

  private show(view: View): void {
    if (isSameView(this.shown, view)) return;
    this.shown = view;
    this.options.onView(view);
  }

  /** Until the next pass is due, a hint comes or somebody asks. */
  private async pause(tookMs: number): Promise<void> {
    if (this.end.signal.aborted || this.questions.length > 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.isHinted ? this.settleMs / 2 : this.delay(tookMs));
    this.wake = resolve;
    await promise;
    clearTimeout(timer);
  }

  private delay(tookMs: number): number {
    switch (this.pace) {
      case 'busy':
        return this.settleMs / 2;
      case 'slow':
        return Math.max(Math.min(SLOW_MS, this.rescanMs), tookMs / SHARE);
      case 'calm':
        return Math.max(this.rescanMs, tookMs / SHARE);
    }
  }

  private hint(): void {
    // While it is busy the next pass comes soon anyway: a hundred hints of one writer shall not make a hundred passes.
    if (this.isHinted || this.pace === 'busy') return;
    this.isHinted = true;
    if (this.pace === 'calm') this.options.onHint?.();
    this.wake();
  }

  /** No event tells that the folder was moved away or a link to it repointed: then the watch is on the wrong one. */
  private async watchWhere(pass: Pass): Promise<void> {
    const identity = pass.state === 'folder' ? pass.identity : undefined;
    if (this.watch?.identity === identity) return;
    await this.unwatch();
    if (pass.state === 'folder') this.watch = { identity: pass.identity, opened: this.openWatch(pass.real) };
  }

  /** Serving does not depend on hints: what goes wrong with them is told, once, and the rest is left to `rescanMs`. */
  private async openWatch(real: string): Promise<HintWatch | undefined> {
    let isTold = false;
    const onError = (error: unknown): void => {
      if (!isTold)
        this.options.log.warn('the plugin folder cannot be watched well; changes are found later', { error });
      isTold = true;
    };
    try {
      await this.options.watchFrom;
      if (this.end.signal.aborted) return undefined;
      // What changed before the watch began went unseen.
      const onReady = (): void => void this.rescan().catch(() => undefined);
      return await watchHints(real, { onHint: () => this.hint(), onReady, onError });
    } catch (error) {
      onError(error);
      return undefined;
    }
  }

  private async unwatch(): Promise<void> {
    const { watch } = this;
    this.watch = undefined;
    await (await watch?.opened)?.close();
  }
}

function closed(): Error {
  return new Error('the scanner is closed');
}
