/**
 * Takes a set of plugins from the versions that serve to others: judged first, then in one roll.
 *
 *   candidates ─► probe ─► tools that go are not routed any more ─► roll ─► tools that come are routed
 *                   │                                                 │
 *                   └─ unfit: refused, the others go on               └─ rolled back: as if nothing had been
 *
 * At most one runs at a time; so at most two versions of a plugin are alive.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Deployment, LostWorker } from '../pool/deployment.ts';
import type { KeptVersion } from '../registry/version-store.ts';
import type { PluginManifest, ServedPlugin } from '../wire/catalogue.ts';
import type { ActionReport, PluginChange, Problem } from './control.ts';
import { failing, isSuspect, losing } from './doubts.ts';
import type { ReloadHost, ToolName } from './host.ts';
import { type Judge, problemOf } from './judge.ts';
import type { PluginRecord } from './plugin-record.ts';
import type { Version } from './version.ts';
import { shortHash } from './version-numbers.ts';

/** How often the calls of tools that go are looked at, in ms. */
const LOOK_EVERY = 5;

/** Why a version that could be called is not, for the journal. */
export const SWITCHED_OFF = 'an operator has deactivated the plugin';

/** One plugin's part. */
export interface Change {
  readonly record: PluginRecord;
  /** Undefined: the plugin goes. */
  readonly to: KeptVersion | undefined;
  /** It has served before: it need not be judged again, where its tools are still known. */
  readonly isProven: boolean;
  /** Why, for the journal. */
  readonly cause: string;
}

export interface ChangeOverParts {
  readonly host: ReloadHost;
  readonly judge: Judge;
  readonly records: ReadonlyMap<string, PluginRecord>;
  /** Registers a version of this copy; with its manifest, where that is known from before. */
  readonly newVersion: (kept: KeptVersion) => Version;
  /** A version has been loaded: now its manifest is known. */
  readonly learn: (version: Version, manifest: PluginManifest) => void;
  readonly sourceOf: (version: Version) => ServedPlugin;
  /** False: the folder has newer content already, so this candidate need not come into service. */
  readonly isWanted: (change: Change) => boolean;
}

type Report = Extract<ActionReport, { outcome: 'rolled' | 'unchanged' | 'rejected' | 'rolled-back' }>;

/** A change whose candidate is fit; undefined: the plugin goes. */
interface Ready {
  readonly change: Change;
  readonly fresh: Version | undefined;
  readonly old: Version | undefined;
}

export class ChangeOver {
  private readonly parts: ChangeOverParts;
  /** What workers were lost of, during the roll that is under way. */
  private lost: LostWorker | undefined;

  constructor(parts: ChangeOverParts) {
    this.parts = parts;
  }

  /** A serving worker was lost. */
  workerLost(lost: LostWorker): void {
    this.lost = lost;
  }

  /** Never rejects for what a plugin does. */
  async run(changes: readonly Change[]): Promise<Report> {
    const begun = performance.now();
    const ms = (): number => Math.round(performance.now() - begun);
    const problems: (Problem & { plugin: string })[] = [];
    const judged = await Promise.all(changes.map((change) => this.judge(change, problems)));
    const ready = judged.filter((one) => one !== undefined).filter((one) => this.stillWanted(one));
    if (ready.length === 0) {
      return problems.length > 0
        ? { outcome: 'rejected', problems, ms: ms() }
        : { outcome: 'unchanged', ms: ms() };
    }
    const reason = await this.takeOver(ready);
    if (reason === undefined) return { outcome: 'rolled', changes: ready.map(changeOf), ms: ms() };
    // One of several: which one, only a roll of its own can tell.
    if (ready.length === 1) return { outcome: 'rolled-back', reason, ms: ms() };
    return this.oneByOne(ready, ms);
  }

  private async oneByOne(ready: readonly Ready[], ms: () => number): Promise<Report> {
    const done: PluginChange[] = [];
    let reason = '';
    for (const { change } of ready) {
      change.record.rejected = undefined;
      const report = await this.run([{ ...change, isProven: true }]);
      if (report.outcome === 'rolled') done.push(...report.changes);
      if (report.outcome === 'rolled-back') reason = report.reason;
    }
    if (done.length === 0) return { outcome: 'rolled-back', reason, ms: ms() };
    return { outcome: 'rolled', changes: done, ms: ms() };
  }

  private async judge(
    change: Change,
    problems: (Problem & { plugin: string })[],
  ): Promise<Ready | undefined> {
    const { record, to, cause } = change;
    const old = record.serving;
    if (to === undefined) return old === undefined ? undefined : { change, fresh: undefined, old };
    const fresh = this.parts.newVersion(to);
    fresh.become('LOADING', cause);
    if (change.isProven && fresh.manifest !== undefined) return { change, fresh, old };
    // Starts while the candidate is judged, not before: the probe's own thread has just been started.
    this.parts.host.standBy();
    const begun = performance.now();
    const verdict = await this.parts.judge.judge(this.parts.sourceOf(fresh));
    this.parts.host.log.debug('candidate judged', {
      plugin: record.name,
      verdict: verdict.kind,
      ms: Math.round(performance.now() - begun),
    });
    if (verdict.kind === 'unfit') {
      problems.push({ plugin: record.name, ...this.refuse(record, fresh, problemOf(verdict)) });
      return undefined;
    }
    this.parts.learn(fresh, verdict.manifest);
    for (const warning of verdict.warnings) {
      this.parts.host.log.warn('plugin warning', { plugin: record.name, hash: shortHash(to.hash), warning });
    }
    return { change, fresh, old };
  }

  private stillWanted({ change, fresh }: Ready): boolean {
    if (this.parts.isWanted(change)) return true;
    fresh?.become('INACTIVE', 'newer content came while it was judged');
    return false;
  }

  /** Undefined: all workers run the new code. A sentence: they run the old code again. */
  private async takeOver(ready: readonly Ready[]): Promise<string | undefined> {
    const { host } = this.parts;
    const to: Deployment = { plugins: this.deploymentWith(ready) };
    await this.closeToolsThatGo(ready);
    this.lost = undefined;
    const outcome = await host.roll(to, () => this.doubts(to, ready));
    if (outcome.kind === 'rolled-back') {
      for (const { change, fresh } of ready) {
        if (fresh !== undefined) this.refuse(change.record, fresh, { step: 'roll', reason: outcome.reason });
      }
      this.publish();
      return outcome.reason;
    }
    for (const one of ready) this.settle(one);
    this.publish();
    return undefined;
  }

  private deploymentWith(ready: readonly Ready[]): readonly ServedPlugin[] {
    const changed = new Set(ready.map(({ change }) => change.record.name));
    const kept = this.parts.host.deployed().plugins.filter(({ name }) => !changed.has(name));
    const fresh = ready.flatMap(({ fresh: version }) =>
      version === undefined ? [] : [this.parts.sourceOf(version)],
    );
    return [...kept, ...fresh].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * No new calls to tools that the new code does not have, and the calls that wait for them reach a worker that
   * still has them.
   */
  private async closeToolsThatGo(ready: readonly Ready[]): Promise<void> {
    const { host } = this.parts;
    const going = ready.flatMap(({ fresh, old }) => missingFrom(fresh, old));
    if (going.length === 0) return;
    this.publish(going);
    const until = performance.now() + host.longestWaitMs();
    while (host.waitingCalls(going) > 0 && performance.now() < until) await pause(LOOK_EVERY);
  }

  private doubts(to: Deployment, ready: readonly Ready[]): string | undefined {
    const { lost } = this;
    for (const { change, fresh, old } of ready) {
      if (fresh === undefined) continue;
      const counts = this.parts.host.countsOf(fresh.id);
      if (lost?.deployment === to && isSuspect(change.record.name, lost.culprit)) {
        return losing(counts, lost.reason);
      }
      const doubt = old === undefined ? undefined : failing(counts, this.parts.host.countsOf(old.id));
      if (doubt !== undefined) return doubt;
    }
    return undefined;
  }

  private settle({ change, fresh, old }: Ready): void {
    const { record, cause } = change;
    record.serving = fresh;
    record.previous = old?.kept;
    record.rejected = undefined;
    fresh?.become('ACTIVE', cause);
    if (record.wish === 'deactivated') fresh?.become('INACTIVE', SWITCHED_OFF);
    old?.unloaded(fresh === undefined ? cause : `replaced by ${shortHash(fresh.kept.hash)}`);
  }

  /** The version does not come into service; what serves goes on. */
  refuse(record: PluginRecord, version: Version, problem: Problem): Problem {
    version.become('INACTIVE', `${problem.step}: ${problem.reason}`);
    record.rejected = { hash: version.kept.hash, since: version.since, problem };
    return problem;
  }

  /** Routes what serves, without the tools named. */
  publish(without: readonly ToolName[] = []): void {
    const records = [...this.parts.records.values()];
    const plugins = records
      .filter(({ isCallable }) => isCallable)
      .flatMap(({ serving }) => (serving?.manifest === undefined ? [] : [serving.manifest]))
      .map(({ tools, ...manifest }) =>
        Object.assign(manifest, {
          tools: tools.filter(
            (one) => !without.some(({ plugin, tool }) => plugin === manifest.name && tool === one.name),
          ),
        }),
      )
      .filter(({ tools }) => tools.length > 0);
    const off = records.filter(({ serving, wish }) => serving !== undefined && wish === 'deactivated');
    this.parts.host.publish(
      plugins,
      off.map(({ name }) => name),
    );
  }
}

function missingFrom(fresh: Version | undefined, old: Version | undefined): readonly ToolName[] {
  if (old?.manifest === undefined) return [];
  const staying = new Set(fresh?.manifest?.tools.map(({ name }) => name));
  return old.manifest.tools
    .filter(({ name }) => !staying.has(name))
    .map(({ name }) => ({ plugin: old.kept.plugin, tool: name }));
}

function changeOf({ change, fresh, old }: Ready): PluginChange {
  return { plugin: change.record.name, from: old?.kept.hash, to: fresh?.kept.hash };
}
