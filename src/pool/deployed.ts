/** What the pool starts workers with, as the first worker and those that died of it have left it. */
import type { Log } from '../core/log.ts';
import type { PluginFailure } from '../wire/catalogue.ts';
import { type Deployment, without } from './deployment.ts';

import type { LoadReport, Thread } from './thread.ts';

export interface DeployedOptions {
  readonly log: Log;
  /** Called once, with what the first worker could load. */
  readonly onLoaded: (report: LoadReport) => void;
}

export class Deployed {
  current: Deployment = { plugins: [] };
  /** The first worker has told what it could load. */
  isExplored = false;
  private readonly options: DeployedOptions;
  /** Plugins that killed or hung a thread while it imported them, with the reason. */
  private readonly excluded = new Map<string, string>();

  constructor(options: DeployedOptions) {
    this.options = options;
  }

  /** A worker has loaded what it could. The first one's report decides which plugins there are. */
  reported({ seat }: Thread, report: LoadReport): void {
    if (this.isExplored) {
      // Plugins that the first worker could load and this one could not: calls to them fail in this seat.
      for (const { name, reason, stack } of report.failures) {
        this.options.log.error('plugin is missing in one worker', { seat, plugin: name, reason, stack });
      }
      return;
    }
    this.isExplored = true;
    const excluded = [...this.excluded].map(
      ([name, reason]): PluginFailure => ({ name, reason, stack: undefined }),
    );
    const failures = [...report.failures, ...excluded];
    this.leaveOut(failures.map(({ name }) => name));
    this.options.onLoaded({ plugins: report.plugins, failures });
  }

  /** Loading this plugin ended a thread. Only of what is deployed: in a roll the whole candidate is refused. */
  exclude(of: Deployment | undefined, plugin: string, reason: string): void {
    if (of !== this.current || this.excluded.has(plugin)) return;
    this.excluded.set(plugin, reason);
    this.leaveOut([plugin]);
    this.options.log.error('plugin left out', { plugin, reason });
  }

  private leaveOut(names: readonly string[]): void {
    const versions = this.current.plugins.filter(({ name }) => names.includes(name));
    this.current = without(this.current, new Set(versions.map(({ version }) => version)));
  }
}
