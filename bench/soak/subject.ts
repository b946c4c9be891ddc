/** One plugin under soak: its file, what serves of it, and who may answer for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginView } from '../../src/reload/control.ts';
import type { AdminClient } from '../load/admin-client.ts';
import { Lineage } from './lineage.ts';
import type { PluginFile } from './plugin-file.ts';

/** An operation whose end does not come: the soak cannot go on, since nobody knows any more what should serve. */
export class Stuck extends Error {
  override readonly name = 'Stuck';
}

const pollMs = 50;
/** How long an operation may take until it shows. */
const patienceMs = 30_000;

export class Subject {
  readonly file: PluginFile;
  readonly admin: AdminClient;
  readonly lineage = new Lineage();
  /** The version that serves, between operations. */
  current: string;
  /** Versions that have served and were made well, by content hash. */
  private readonly proven = new Map<string, string>();

  /** The file's first version serves. */
  constructor(file: PluginFile, admin: AdminClient) {
    this.file = file;
    this.admin = admin;
    this.current = file.first.version;
    this.lineage.announce(this.current);
  }

  get name(): string {
    return this.file.plugin.name;
  }

  view(): Promise<PluginView> {
    return this.admin.plugin(this.name);
  }

  /** The view in which the condition holds. Rejects with `Stuck`. */
  async until(what: string, holds: (view: PluginView) => boolean): Promise<PluginView> {
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      const view = await this.view();
      if (holds(view)) return view;
      if (performance.now() > giveUpAt) {
        throw new Stuck(`${this.name}: waited in vain for ${what}; the server says ${JSON.stringify(view)}`);
      }
      await sleep(pollMs);
    }
  }

  /** Waits until a good version serves; from then on nobody else may answer. */
  async untilServes(version: string): Promise<void> {
    const view = await this.until(
      `version ${version} to serve`,
      ({ version: serving, state }) => serving === version && state === 'ACTIVE',
    );
    this.settled(version, view.hash);
  }

  /** Good versions that another save followed at once: they may have served for a moment, and be gone back to. */
  readonly passing = new Set<string>();

  /** This version is what serves now, and nothing else. */
  settled(version: string, hash: string | undefined): void {
    this.current = version;
    this.lineage.only(version, performance.now());
    if (hash !== undefined) this.proven.set(hash, version);
  }

  /** The proven version of this hash. */
  versionOf(hash: string | undefined): string | undefined {
    return hash === undefined ? undefined : this.proven.get(hash);
  }

  /** Proven versions, the present one left out, of which the server still has a copy. */
  async waysBack(): Promise<readonly { readonly hash: string; readonly version: string }[]> {
    const kept = await this.admin.versions(this.name);
    return kept.flatMap(({ hash }) => {
      const version = this.proven.get(hash);
      return version === undefined || version === this.current ? [] : [{ hash, version }];
    });
  }
}
