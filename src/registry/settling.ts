/**
 * Turns passes over the plugin folder into views that can be acted upon. Pure: time comes in as an argument.
 *
 *   a version         counts at once: its files have been quiet and were read whole
 *   bad news          (failed, gone, no folder) counts when it is still the same `settleMs` later, since a file that
 *                     is being replaced is missing for a moment
 *   unsettled         the view waits for it, `patienceMs` at most; from then on it has its previous outcome
 */
import type { Outcome } from './intake.ts';
import type { Pass } from './scan.ts';
import type { View } from './view.ts';

export interface Judgement {
  /** Undefined: wait for another pass. */
  readonly view: View | undefined;
  /** How soon something may be different: nothing is awaited, only what takes long, or anything. */
  readonly pace: 'calm' | 'slow' | 'busy';
  /** What has just begun to take long; why, by name. */
  readonly newlySlow: ReadonlyMap<string, string>;
}

interface Wait {
  readonly since: number;
  isSlow: boolean;
}

/** The news about the folder itself, among those about files: no file has this name. */
const FOLDER = '/';

export class Settling {
  private readonly settleMs: number;
  private readonly patienceMs: number;
  /** What counts now, by file. */
  private readonly settled = new Map<string, Exclude<Outcome, { state: 'unsettled' }>>();
  /** Bad news that does not count yet, by file. */
  private readonly news = new Map<string, { readonly text: string; readonly since: number }>();
  private readonly waits = new Map<string, Wait>();

  constructor(settleMs: number, patienceMs: number) {
    this.settleMs = settleMs;
    this.patienceMs = patienceMs;
  }

  /** When the pass began and ended: milliseconds of a clock that nobody sets. */
  judge(pass: Pass, begun: number, ended: number): Judgement {
    if (pass.state === 'no-folder') {
      const isBelieved = this.believe(FOLDER, pass.reason, begun, ended);
      return {
        view: isBelieved ? pass : undefined,
        pace: isBelieved ? 'calm' : 'busy',
        newlySlow: new Map(),
      };
    }
    this.news.delete(FOLDER);
    const waiting = new Map<string, string>();
    const newlySlow = new Map<string, string>();
    let isBusy = false;
    for (const file of new Set([...this.settled.keys(), ...this.waits.keys(), ...pass.outcomes.keys()])) {
      const outcome = pass.outcomes.get(file);
      const name = outcome?.name ?? this.settled.get(file)?.name ?? file;
      const reason = this.take(file, outcome, begun, ended);
      if (reason === undefined) {
        this.waits.delete(file);
        continue;
      }
      const wait = this.waits.get(file) ?? { since: ended, isSlow: false };
      this.waits.set(file, wait);
      if (!wait.isSlow && ended - wait.since >= this.patienceMs) {
        wait.isSlow = true;
        newlySlow.set(name, reason);
      }
      waiting.set(name, reason);
      isBusy ||= !wait.isSlow;
    }
    const pace = isBusy ? 'busy' : waiting.size > 0 ? 'slow' : 'calm';
    return { view: isBusy ? undefined : this.view(waiting), pace, newlySlow };
  }

  /** Why the view waits for this file; undefined: what it has to say counts now. */
  private take(file: string, outcome: Outcome | undefined, begun: number, ended: number): string | undefined {
    if (outcome?.state === 'unsettled') {
      this.news.delete(file);
      return outcome.reason;
    }
    if (outcome?.state === 'kept') {
      this.news.delete(file);
      this.settled.set(file, outcome);
      return undefined;
    }
    const before = this.settled.get(file);
    const isOld = outcome === undefined ? before === undefined : isSameFailure(before, outcome);
    const text = outcome?.failure.reason ?? 'it is gone';
    if (!isOld && !this.believe(file, text, begun, ended)) return text;
    this.news.delete(file);
    if (outcome === undefined) this.settled.delete(file);
    else this.settled.set(file, outcome);
    return undefined;
  }

  /** Whether this very news was heard by a pass that ended long enough before this one began. */
  private believe(file: string, text: string, begun: number, ended: number): boolean {
    const heard = this.news.get(file);
    if (heard?.text === text) return begun - heard.since >= this.settleMs;
    this.news.set(file, { text, since: ended });
    return false;
  }

  private view(waiting: ReadonlyMap<string, string>): View {
    const settled = [...this.settled.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    return {
      state: 'folder',
      versions: new Map(settled.flatMap((one) => (one.state === 'kept' ? [[one.name, one.version]] : []))),
      failures: settled.flatMap((one) => (one.state === 'failed' ? [one.failure] : [])),
      waiting,
    };
  }
}

function isSameFailure(before: Outcome | undefined, now: Extract<Outcome, { state: 'failed' }>): boolean {
  return before?.state === 'failed' && before.failure.reason === now.failure.reason;
}
