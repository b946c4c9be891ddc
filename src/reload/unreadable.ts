/** Files of the plugin folder that look like plugins and cannot be read as one: told once, and shown while it is so. */
import type { Log } from '../core/log.ts';
import type { PluginFailure } from '../wire/catalogue.ts';
import type { RejectedVersion } from './control.ts';

export class Unreadable {
  private readonly log: Log;
  private failures: readonly PluginFailure[] = [];
  /** By name; of several files with one name, the first. */
  private readonly shown = new Map<string, RejectedVersion>();

  constructor(log: Log) {
    this.log = log;
  }

  /** These are all there are now. */
  take(failures: readonly PluginFailure[]): void {
    const before = new Map(this.shown);
    this.shown.clear();
    for (const { name, reason, stack } of failures) {
      if (!this.failures.some((known) => known.name === name && known.reason === reason))
        this.log.error('plugin left out', { plugin: name, reason, stack });
      if (this.shown.has(name)) continue;
      const known = before.get(name);
      const isSame = known?.problem.reason === reason;
      const fresh = { hash: '', since: new Date().toISOString(), problem: { step: 'read', reason } };
      this.shown.set(name, isSame ? known : fresh);
    }
    this.failures = failures;
  }

  /** Names that are no safe path are among them. */
  get names(): readonly string[] {
    return [...this.shown.keys()];
  }

  /** Its hash is empty: there is no content. */
  of(name: string): RejectedVersion | undefined {
    return this.shown.get(name);
  }
}
