/** Plugin code as it lies in its folder, loaded once: for images whose file system never changes. */
import type { Deployment } from '../pool/deployment.ts';
import type { LoadReport } from '../pool/thread.ts';
import { discoverPlugins } from '../registry/discover.ts';
import { type ActionReport, type PluginView, type ReloadControl, refused } from '../reload/control.ts';
import type { ReloadHost } from '../reload/host.ts';
import type { VersionNumbers } from '../reload/version-numbers.ts';
import type { PluginFailure, ServedPlugin } from '../wire/catalogue.ts';
import type { PluginSupply } from './plugin-supply.ts';

export class FixedPlugins implements PluginSupply {
  readonly deployment: Deployment;
  readonly control: ReloadControl;
  private readonly host: ReloadHost;
  private readonly numbers: VersionNumbers;
  private readonly notFound: readonly PluginFailure[];
  private views: readonly PluginView[] = [];

  /** Throws when the folder cannot be read. */
  constructor(folder: string, numbers: VersionNumbers, host: ReloadHost) {
    this.host = host;
    this.numbers = numbers;
    const { plugins, failures } = discoverPlugins(folder);
    this.notFound = failures;
    this.deployment = {
      plugins: plugins.map(
        ({ name, entry }): ServedPlugin => ({
          name,
          entry,
          config: host.configOf(name),
          outbound: host.outboundOf(name),
          version: numbers.next(),
          isJudged: false,
        }),
      ),
    };
    this.control = {
      plugins: () => this.views,
      versions: async (plugin) => (this.views.some(({ name }) => name === plugin) ? [] : undefined),
      reload: off,
      rollback: off,
      activate: off,
      deactivate: off,
      unload: off,
    };
  }

  started({ plugins, failures }: LoadReport): void {
    const since = new Date().toISOString();
    const all = [...this.notFound, ...failures];
    for (const { name, reason, stack } of all)
      this.host.log.error('plugin left out', { plugin: name, reason, stack });
    const loaded = plugins.map(({ name, version, tools }): PluginView => {
      const id = this.deployment.plugins.find((plugin) => plugin.name === name)?.version;
      if (id !== undefined) this.numbers.name(id, version, undefined);
      const counts = (): { calls: number; faults: number } =>
        id === undefined ? { calls: 0, faults: 0 } : this.host.countsOf(id);
      const circuits = (): PluginView['circuits'] => this.host.circuitsOf(name);
      return {
        name,
        state: 'ACTIVE',
        version,
        hash: undefined,
        since,
        get calls() {
          return counts().calls;
        },
        get errors() {
          return counts().faults;
        },
        tools: tools.map((tool) => tool.name),
        get circuits() {
          return circuits();
        },
        pinned: false,
        rejected: undefined,
      };
    });
    const failed = all.map(({ name, reason }) => failedView(name, since, reason));
    this.views = [...loaded, ...failed].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.host.publish(plugins, []);
  }

  /** There is no other code to go to. */
  workerLost(): void {}

  watch(): void {}

  async close(): Promise<void> {}
}

async function off(): Promise<ActionReport> {
  return refused('hot reload is off (hotReload); restart the server instead');
}

function failedView(name: string, since: string, reason: string): PluginView {
  return {
    name,
    state: 'FAILED',
    version: undefined,
    hash: undefined,
    since,
    calls: 0,
    errors: 0,
    tools: [],
    circuits: [],
    pinned: false,
    rejected: { hash: '', since, problem: { step: 'load', reason } },
  };
}
