/** One plugin: what serves, what lies in the folder, what was refused, what an operator wants. */
import type { Wish } from '../registry/version-history.ts';
import type { KeptVersion } from '../registry/version-store.ts';
import type { RejectedVersion } from './control.ts';
import type { Version } from './version.ts';

export class PluginRecord {
  readonly name: string;
  /** ISO time since when no version serves; says nothing while one does. */
  idleSince = new Date().toISOString();
  private inWorkers: Version | undefined;
  /** Was in the workers before that one. */
  previous: KeptVersion | undefined;
  /** In the plugin folder, as last seen. */
  inFolder: KeptVersion | undefined;
  /** The folder's content that did not come into service; it is not tried again by itself. */
  rejected: RejectedVersion | undefined;
  /** After a rollback: the folder's content that shall not be tried. */
  pinnedAgainst: string | undefined;
  wish: Wish = 'serve';

  constructor(name: string) {
    this.name = name;
  }

  /** In the workers. */
  get serving(): Version | undefined {
    return this.inWorkers;
  }

  set serving(version: Version | undefined) {
    this.inWorkers = version;
    if (version === undefined) this.idleSince = new Date().toISOString();
  }

  get isCallable(): boolean {
    return this.serving !== undefined && this.wish === 'serve';
  }

  /** Whether the folder's content is one that should come into service by itself. */
  get wantsFolder(): boolean {
    const { inFolder } = this;
    if (inFolder === undefined || this.wish !== 'serve') return false;
    const { hash } = inFolder;
    return hash !== this.serving?.kept.hash && hash !== this.rejected?.hash && hash !== this.pinnedAgainst;
  }
}
