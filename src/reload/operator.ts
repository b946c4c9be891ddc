/**
 * What operators do to single plugins. Each action is one turn in the queue of all changes, and over when it returns.
 */
import type { KeptVersion, VersionStore } from '../registry/version-store.ts';
import type { Change } from './change-over.ts';
import { type ActionReport, refused } from './control.ts';
import type { PluginRecord } from './plugin-record.ts';

export interface OperatorParts {
  readonly records: ReadonlyMap<string, PluginRecord>;
  readonly store: VersionStore;
  /** After everything that was begun before. */
  readonly inTurn: (work: () => Promise<ActionReport>) => Promise<ActionReport>;
  readonly change: (changes: readonly Change[]) => Promise<ActionReport>;
  /** Routes what is to be called now. */
  readonly publish: () => void;
  readonly storeFailed: (error: unknown) => void;
}

export class Operator {
  private readonly parts: OperatorParts;

  constructor(parts: OperatorParts) {
    this.parts = parts;
  }

  rollback(plugin: string, hash?: string): Promise<ActionReport> {
    return this.parts.inTurn(async () => {
      const record = this.parts.records.get(plugin);
      if (record?.serving === undefined)
        return refused(`${plugin} does not serve; there is nothing to go back from`);
      const to =
        hash === undefined ? await this.versionBefore(record) : await this.parts.store.find(plugin, hash);
      if (to === undefined) return refused(`there is no earlier good version of ${plugin}`);
      if (to.hash === record.serving.kept.hash) return { outcome: 'unchanged', ms: 0 };
      const report = await this.parts.change([
        { record, to, isProven: true, cause: 'an operator rolled back' },
      ]);
      if (report.outcome === 'rolled') await this.wentBack(record, to);
      return report;
    });
  }

  private async versionBefore({ name, serving, previous }: PluginRecord): Promise<KeptVersion | undefined> {
    if (previous !== undefined) return previous;
    const { versions } = await this.parts.store.history(name);
    const present = versions.findIndex(({ hash }) => hash === serving?.kept.hash);
    const good = versions.slice(present + 1).find(({ isGood }) => isGood);
    return good === undefined ? undefined : this.parts.store.find(name, good.hash);
  }

  /** The folder's content shall not come into service again by itself, unless it is what was gone to. */
  private async wentBack(record: PluginRecord, to: KeptVersion): Promise<void> {
    const { name, inFolder } = record;
    // What was left is no version to go back to.
    record.previous = undefined;
    const against = inFolder?.hash === to.hash ? undefined : inFolder?.hash;
    record.pinnedAgainst = against;
    const { store } = this.parts;
    const kept = against === undefined ? store.unpin(name) : store.pin(name, to.hash, against);
    await kept.catch((error: unknown) => this.parts.storeFailed(error));
  }

  activate(plugin: string): Promise<ActionReport> {
    return this.parts.inTurn(async () => {
      const record = this.parts.records.get(plugin);
      if (record === undefined) return refused(`there is no plugin ${plugin}`);
      if (record.wish === 'serve') return { outcome: 'unchanged', ms: 0 };
      record.wish = 'serve';
      await this.remember(record);
      const { serving } = record;
      if (serving !== undefined) {
        serving.become('LOADING', 'an operator activated it');
        serving.become('ACTIVE', 'its code is still loaded');
        this.parts.publish();
      }
      const to = record.wantsFolder ? record.inFolder : serving === undefined ? record.previous : undefined;
      if (to === undefined) return done(record);
      const isProven = to === record.previous;
      return this.parts.change([{ record, to, isProven, cause: 'an operator activated it' }]);
    });
  }

  deactivate(plugin: string): Promise<ActionReport> {
    return this.parts.inTurn(async () => {
      const record = this.parts.records.get(plugin);
      if (record?.serving === undefined) return refused(`${plugin} does not serve`);
      if (record.wish === 'deactivated') return { outcome: 'unchanged', ms: 0 };
      record.wish = 'deactivated';
      record.serving.become('INACTIVE', 'an operator deactivated it');
      this.parts.publish();
      await this.remember(record);
      return done(record);
    });
  }

  unload(plugin: string): Promise<ActionReport> {
    return this.parts.inTurn(async () => {
      const record = this.parts.records.get(plugin);
      if (record?.serving === undefined) return refused(`${plugin} is not loaded`);
      const { wish } = record;
      record.wish = 'unloaded';
      const report = await this.parts.change([
        { record, to: undefined, isProven: true, cause: 'an operator unloaded it' },
      ]);
      if (report.outcome === 'rolled-back') record.wish = wish;
      await this.remember(record);
      return report;
    });
  }

  /** What is wanted of it outlasts the server. */
  private async remember({ name, wish }: PluginRecord): Promise<void> {
    await this.parts.store.setWish(name, wish).catch((error: unknown) => this.parts.storeFailed(error));
  }
}

function done({ name, serving }: PluginRecord): ActionReport {
  const hash = serving?.kept.hash;
  return { outcome: 'done', changes: [{ plugin: name, from: hash, to: hash }], ms: 0 };
}
