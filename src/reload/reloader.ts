/**
 * Keeps the workers on what the plugin folder holds and operators ask for: one thing after the other, and of
 * several views of the folder only the last.
 *
 *   Scanner ──view──┐
 *                   ├─► queue ─► changes ─► ChangeOver ─► Probation
 *   operator ─action┘                                        │
 *                   ▲────────── doubt: back again ───────────┘
 */
import type { Log } from '../core/log.ts';
import type { AuditJournal } from '../lifecycle/audit-journal.ts';
import type { Deployment, LostWorker } from '../pool/deployment.ts';
import type { Probe } from '../probe/probe.ts';
import type { ContentHash } from '../registry/content.ts';
import { StoreError } from '../registry/store-error.ts';
import type { KeptVersion, VersionStore } from '../registry/version-store.ts';
import type { View } from '../registry/view.ts';
import type { PluginFailure, PluginManifest } from '../wire/catalogue.ts';
import { Breather } from './breather.ts';
import { type Change, ChangeOver, SWITCHED_OFF } from './change-over.ts';
import {
  type ActionReport,
  type PluginView,
  type Problem,
  type ReloadControl,
  refused,
  type VersionView,
} from './control.ts';
import { type FirstVersion, firstVersions } from './first-deployment.ts';
import type { ReloadHost } from './host.ts';
import { Judge, problemOf } from './judge.ts';
import { Operator } from './operator.ts';
import { PluginRecord } from './plugin-record.ts';
import { Probation } from './probation.ts';
import { reportOfPlugin } from './report-of-plugin.ts';
import { showPlugin } from './show-plugin.ts';
import { Unreadable } from './unreadable.ts';
import type { Version } from './version.ts';
import { shortHash, type VersionNumbers } from './version-numbers.ts';
import { Versions } from './versions.ts';

export interface ReloaderOptions {
  readonly host: ReloadHost;
  readonly store: VersionStore;
  readonly journal: Pick<AuditJournal, 'append'>;
  readonly probe: Pick<Probe, 'judge' | 'prepare'>;
  readonly numbers: VersionNumbers;
  /** Where the plugin's own folder lies, of which copies are made; see `PluginSource.origin`. */
  readonly originOf: (plugin: string) => string;
  /** The settled view of a look at the folder that begins now. */
  readonly rescan: () => Promise<View>;
  /** How long saved files wait after a roll before they cause another, in ms. */
  readonly breatherMs: number;
  /** A view or an operator has changed something, or failed to. */
  readonly onReport: (report: ActionReport) => void;
}

export class Reloader implements ReloadControl {
  private readonly options: ReloaderOptions;
  private readonly log: Log;
  private readonly records = new Map<string, PluginRecord>();
  private readonly judge: Judge;
  private readonly changeOver: ChangeOver;
  private readonly probation: Probation;
  private readonly made: Versions;
  private readonly operator: Operator;
  private readonly unreadable: Unreadable;
  private readonly breather: Breather;
  private view: View | undefined;
  private viewIsQueued = false;
  /** Reloads that wait for their view: they see to it themselves. */
  private rescans = 0;
  private tail: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(options: ReloaderOptions) {
    this.options = options;
    this.judge = new Judge(options.probe);
    this.log = options.host.log;
    this.unreadable = new Unreadable(this.log);
    this.breather = new Breather(options.breatherMs);
    this.made = new Versions({
      numbers: options.numbers,
      journal: options.journal,
      configOf: (plugin) => options.host.configOf(plugin),
      outboundOf: (plugin) => options.host.outboundOf(plugin),
      originOf: options.originOf,
      onError: (error) => this.log.error('a transition was not told', { error }),
    });
    this.operator = new Operator({
      records: this.records,
      store: options.store,
      inTurn: (work) => this.act(work),
      change: (changes) => this.change(changes),
      publish: () => this.changeOver.publish(),
      storeFailed: (error) => this.storeFailed(error),
    });
    this.changeOver = new ChangeOver({
      host: options.host,
      judge: this.judge,
      records: this.records,
      newVersion: (kept) => this.made.make(kept),
      learn: (version, manifest) => this.made.learn(version, manifest),
      sourceOf: (version) => this.made.sourceOf(version),
      isWanted: (change) => this.isWanted(change),
    });
    this.probation = new Probation({
      host: options.host,
      onGood: (version) => void this.markGood(version),
      onDoubt: (record, version, reason) => this.sendBack(record, version, reason),
    });
  }

  /** What the first workers shall run. Candidates that have never served are judged first. */
  async firstDeployment(view: View): Promise<Deployment> {
    this.view = view;
    const first = await firstVersions(view, this.options.store, (plugin, error) =>
      this.log.error('a kept version cannot be used', { plugin, error }),
    );
    this.unreadable.take(view.state === 'no-folder' ? [] : view.failures);
    const versions = await Promise.all(first.map((one) => this.beginWith(one)));
    return {
      plugins: versions.filter((version) => version !== undefined).map((one) => this.made.sourceOf(one)),
    };
  }

  private async beginWith({
    plugin,
    version,
    isProven,
    inFolder,
    pinnedAgainst,
    wish,
  }: FirstVersion): Promise<Version | undefined> {
    const record = this.recordOf(plugin);
    record.inFolder = inFolder;
    record.pinnedAgainst = pinnedAgainst;
    record.wish = wish;
    if (wish === 'unloaded') {
      if (isProven) record.previous = version;
      return undefined;
    }
    const fresh = this.made.make(version);
    fresh.become('LOADING', 'the server starts');
    if (!isProven) {
      const verdict = await this.judge.judge(this.made.sourceOf(fresh));
      if (verdict.kind === 'unfit') {
        this.refuseAtStart(record, fresh, problemOf(verdict));
        return undefined;
      }
    }
    record.serving = fresh;
    return fresh;
  }

  /** The first worker has told what it could load; before it serves. */
  started(plugins: readonly PluginManifest[], failures: readonly PluginFailure[]): void {
    for (const record of this.records.values()) {
      const { serving } = record;
      if (serving === undefined) continue;
      const manifest = plugins.find(({ name }) => name === record.name);
      if (manifest !== undefined) {
        this.made.learn(serving, manifest);
        serving.become('ACTIVE', 'the server starts');
        if (record.wish === 'deactivated') serving.become('INACTIVE', SWITCHED_OFF);
        this.probation.begin(record, serving, undefined);
        continue;
      }
      const reason = failures.find(({ name }) => name === record.name)?.reason ?? 'it did not load';
      record.serving = undefined;
      this.refuseAtStart(record, serving, { step: 'load', reason });
    }
    this.changeOver.publish();
    void this.enqueue(async () => {
      await this.bringLastGood();
      await this.applyView('the server started on an earlier version');
    });
  }

  private refuseAtStart(record: PluginRecord, version: Version, problem: Problem): void {
    this.changeOver.refuse(record, version, problem);
    this.log.error('plugin version refused', { plugin: record.name, ...problem });
  }

  /** Plugins that did not start with the folder's content, though an earlier version of theirs was good. */
  private async bringLastGood(): Promise<void> {
    const changes: Change[] = [];
    for (const record of this.records.values()) {
      if (record.serving !== undefined || record.rejected === undefined) continue;
      const { lastGood } = await this.options.store.history(record.name);
      if (lastGood === undefined || lastGood === record.rejected.hash) continue;
      const to = await this.options.store.find(record.name, lastGood);
      changes.push({ record, to, isProven: true, cause: 'the version in the folder does not load' });
    }
    if (changes.length > 0) await this.change(changes);
  }

  /** The folder holds something else. */
  viewed(view: View): void {
    this.view = view;
    if (this.viewIsQueued || this.rescans > 0) return;
    this.viewIsQueued = true;
    this.queueView();
  }

  /** Looked at in its turn: a roll before it may have begun a breather, which holds up nobody but saved files. */
  private queueView(): void {
    void this.enqueue(async () => {
      if (!this.breather.isOver) {
        this.breather.afterwards(() => this.queueView());
        return;
      }
      this.viewIsQueued = false;
      await this.applyView('the files changed');
    });
  }

  /** A serving worker was lost. */
  workerLost(lost: LostWorker): void {
    this.changeOver.workerLost(lost);
    this.probation.workerLost(lost);
  }

  /** One after the other. */
  private enqueue<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    const result = this.tail.then(async () => (this.isClosed ? undefined : work()));
    this.tail = result.catch((error: unknown) => this.log.error('a reload failed unexpectedly', { error }));
    return result;
  }

  private async applyView(cause: string): Promise<ActionReport> {
    const { view } = this;
    if (view === undefined) return { outcome: 'unchanged', ms: 0 };
    if (view.state === 'no-folder') {
      this.log.error('the plugin folder cannot be read; what serves goes on', { reason: view.reason });
      return { outcome: 'refused', reason: view.reason };
    }
    this.unreadable.take(view.failures);
    const changes: Change[] = [];
    for (const [plugin, kept] of view.versions) {
      if (!this.records.has(plugin)) await this.welcome(plugin);
      const record = this.recordOf(plugin);
      await this.seeInFolder(record, kept);
      if (record.wantsFolder) changes.push({ record, to: kept, isProven: false, cause });
    }
    const failed = new Set(view.failures.map(({ name }) => name));
    for (const record of this.records.values()) {
      if (view.versions.has(record.name) || failed.has(record.name) || view.waiting.has(record.name))
        continue;
      record.inFolder = undefined;
      record.rejected = undefined;
      if (record.serving === undefined) this.records.delete(record.name);
      else changes.push({ record, to: undefined, isProven: true, cause: 'its folder is gone' });
    }
    return this.change(changes);
  }

  /** A plugin that was not there: one of its name may have been switched off long ago, but nobody has switched this off. */
  private async welcome(plugin: string): Promise<void> {
    await this.options.store.setWish(plugin, 'serve').catch((error: unknown) => this.storeFailed(error));
  }

  private async seeInFolder(record: PluginRecord, kept: KeptVersion): Promise<void> {
    const isOther = record.inFolder?.hash !== kept.hash;
    record.inFolder = kept;
    if (kept.hash === record.serving?.kept.hash) record.rejected = undefined;
    if (!isOther || record.pinnedAgainst === undefined || record.pinnedAgainst === kept.hash) return;
    record.pinnedAgainst = undefined;
    await this.options.store.unpin(record.name).catch((error: unknown) => this.storeFailed(error));
  }

  private async change(changes: readonly Change[]): Promise<ActionReport> {
    if (changes.length === 0) return { outcome: 'unchanged', ms: 0 };
    const before = new Map(changes.map(({ record }) => [record, record.serving]));
    const report = await this.changeOver.run(changes);
    if (report.outcome === 'rolled' || report.outcome === 'rolled-back') this.breather.begin();
    for (const { record, isProven } of changes) {
      const { serving } = record;
      const old = before.get(record);
      // A proven version is not sent back to the one it has replaced: that one was worse, or not wanted.
      if (serving !== undefined && serving !== old)
        this.probation.begin(record, serving, isProven ? undefined : old);
      if (serving === undefined && record.inFolder === undefined) this.records.delete(record.name);
      await this.prune(record);
    }
    const unfit = changes.flatMap(({ record: { name, rejected }, to }) =>
      to === undefined || rejected?.hash !== to.hash ? [] : [{ plugin: name, ...rejected.problem }],
    );
    // Others went into service: what did not is told all the same.
    if (report.outcome === 'rolled' && unfit.length > 0)
      this.options.onReport({ outcome: 'rejected', problems: unfit, ms: report.ms });
    this.options.onReport(report);
    this.prepare();
    return report;
  }

  /** Who saves once saves again: the next change finds its threads started. One after the other, beside the calls. */
  private prepare(): void {
    const { probe, host } = this.options;
    void probe.prepare().then(() => {
      if (!this.isClosed) host.standBy();
    });
  }

  /** New code showed itself unfit after its roll. */
  private sendBack(record: PluginRecord, version: Version, reason: string): void {
    this.log.error('the new version is taken back', {
      plugin: record.name,
      hash: shortHash(version.kept.hash),
      reason,
    });
    const to = record.previous;
    void this.enqueue(async () => {
      if (record.serving !== version) return;
      await this.change([{ record, to, isProven: true, cause: `taken back: ${reason}` }]);
      if (record.serving === version) return;
      record.previous = undefined;
      const since = new Date().toISOString();
      record.rejected = { hash: version.kept.hash, since, problem: { step: 'first calls', reason } };
    });
  }

  async reload(plugin?: string): Promise<ActionReport> {
    this.rescans++;
    let view: View;
    try {
      view = await this.options.rescan();
    } catch {
      // Nobody looks at the folder any more.
      return refused(STOPPING);
    } finally {
      this.rescans--;
    }
    return this.act(async () => {
      // A newer one may have come meanwhile.
      this.view ??= view;
      const named = plugin === undefined ? [...this.records.values()] : [this.records.get(plugin)];
      // Asked for by name, what was refused gets another chance: the reason may have lain outside its files.
      for (const record of named) if (record !== undefined) record.rejected = undefined;
      const report = await this.applyView('an operator asked for it');
      if (plugin === undefined) return report;
      const now = this.plugins().find(({ name }) => name === plugin);
      return reportOfPlugin(plugin, report, now);
    });
  }

  rollback(plugin: string, hash?: string): Promise<ActionReport> {
    return this.operator.rollback(plugin, hash);
  }

  activate(plugin: string): Promise<ActionReport> {
    return this.operator.activate(plugin);
  }

  deactivate(plugin: string): Promise<ActionReport> {
    return this.operator.deactivate(plugin);
  }

  unload(plugin: string): Promise<ActionReport> {
    return this.operator.unload(plugin);
  }

  private async act(work: () => Promise<ActionReport>): Promise<ActionReport> {
    try {
      return (await this.enqueue(work)) ?? refused(STOPPING);
    } catch (error) {
      if (error instanceof StoreError) return refused(error.message);
      throw error;
    }
  }

  plugins(): readonly PluginView[] {
    const others = this.unreadable.names.filter((name) => !this.records.has(name));
    const records = [...this.records.values(), ...others.map((name) => new PluginRecord(name))];
    return records
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((record) => {
        const { name, serving, rejected } = record;
        const { host } = this.options;
        const counts = serving === undefined ? NO_CALLS : host.countsOf(serving.id);
        return showPlugin(record, counts, this.unreadable.of(name) ?? rejected, host.circuitsOf(name));
      });
  }

  async versions(plugin: string): Promise<readonly VersionView[] | undefined> {
    const { versions } = await this.options.store.history(plugin);
    if (versions.length === 0 && !this.records.has(plugin)) return undefined;
    const active = this.records.get(plugin)?.serving?.kept.hash;
    return versions.map(({ hash, keptAt, isGood }) => ({
      hash,
      version: this.made.manifestOf(hash)?.version,
      keptAt,
      good: isGood,
      active: hash === active,
    }));
  }

  private recordOf(plugin: string): PluginRecord {
    let record = this.records.get(plugin);
    if (record === undefined) {
      record = new PluginRecord(plugin);
      this.records.set(plugin, record);
    }
    return record;
  }

  /** False: it was made for content that the folder does not hold any more. */
  private isWanted({ record, to }: Change): boolean {
    const { view } = this;
    if (view?.state !== 'folder' || to === undefined || to.hash !== record.inFolder?.hash) return true;
    return view.versions.get(record.name)?.hash === to.hash;
  }

  private async markGood({ kept }: Version): Promise<void> {
    await this.options.store
      .markGood(kept.plugin, kept.hash)
      .catch((error: unknown) => this.storeFailed(error));
  }

  private async prune({ name, serving, previous, inFolder }: PluginRecord): Promise<void> {
    const inUse = [serving?.kept, previous, inFolder].flatMap((one) => (one === undefined ? [] : [one.hash]));
    try {
      for (const hash of await this.options.store.prune(name, new Set<ContentHash>(inUse)))
        this.made.forget(hash);
    } catch (error) {
      this.storeFailed(error);
    }
  }

  /** Serving goes on; what is lost is the memory of it. */
  private storeFailed(error: unknown): void {
    this.log.error('the folder of versions failed', { error });
  }

  /** Ends what can be ended; a roll under way is ended by the pool. */
  close(): void {
    this.isClosed = true;
    this.probation.close();
    this.breather.close();
  }
}

const STOPPING = 'the server is stopping';
const NO_CALLS = { calls: 0, faults: 0 };
