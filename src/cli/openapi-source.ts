/**
 * Plugins as they declare themselves, read from the plugin folder: no server has to run. Their code is imported in a
 * throw-away thread, as the server does when it checks a new version, and nothing more of it runs.
 */
import { didYouMean } from '../config/nearest-name.ts';
import type { Settings } from '../config/settings.ts';
import { Probe } from '../probe/probe.ts';
import { type Discovery, discoverPlugins } from '../registry/discover.ts';
import type { PluginManifest } from '../wire/catalogue.ts';
import { problemText } from './reload-lines.ts';

export type Declared =
  | { readonly kind: 'declared'; readonly name: string; readonly manifest: PluginManifest }
  /** `reason`: for standard error; may have several lines. */
  | { readonly kind: 'unknown' | 'unfit'; readonly name: string; readonly reason: string };

/** Asked for one plugin after the other. To be closed. */
export class PluginFolder {
  private readonly folder: string;
  private readonly timeMs: number;
  private readonly found: Discovery;
  private readonly probe = new Probe();

  /** Throws when the folder cannot be read. */
  constructor({ plugins, probeTimeoutMs }: Pick<Settings, 'plugins' | 'probeTimeoutMs'>) {
    this.folder = plugins;
    this.timeMs = probeTimeoutMs;
    this.found = discoverPlugins(plugins);
  }

  /** Of all that is there, what cannot be a plugin included. */
  get names(): readonly string[] {
    const { plugins, failures } = this.found;
    return [...new Set([...plugins, ...failures].map(({ name }) => name))];
  }

  /** Never rejects. */
  async read(name: string): Promise<Declared> {
    const { plugins, failures } = this.found;
    const entry = plugins.find((plugin) => plugin.name === name)?.entry;
    if (entry === undefined) {
      const failure = failures.find((one) => one.name === name);
      if (failure !== undefined) return { kind: 'unfit', name, reason: `${name}: ${failure.reason}\n` };
      const guess = didYouMean(name, this.names);
      return { kind: 'unknown', name, reason: `There is no plugin ${name} in ${this.folder}${guess}\n` };
    }
    const source = { name, entry, config: {}, outbound: { hosts: undefined, identity: false } };
    const verdict = await this.probe.judge({ source, isRun: false }, { timeMs: this.timeMs });
    if (verdict.kind === 'fit') return { kind: 'declared', name, manifest: verdict.manifest };
    return { kind: 'unfit', name, reason: `${name}  ${problemText(verdict, process.stderr)}` };
  }

  close(): void {
    this.probe.close();
  }
}
