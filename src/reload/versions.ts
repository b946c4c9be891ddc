/** Makes the versions of this process, and remembers what has been learnt of each content. */
import type { AuditJournal } from '../lifecycle/audit-journal.ts';
import type { KeptVersion } from '../registry/version-store.ts';
import type { PluginManifest, ServedPlugin } from '../wire/catalogue.ts';
import type { OutboundPolicy } from '../wire/outbound.ts';
import { Version } from './version.ts';
import type { VersionNumbers } from './version-numbers.ts';

export interface VersionsOptions {
  readonly numbers: VersionNumbers;
  readonly journal: Pick<AuditJournal, 'append'>;
  /** The plugin's section of the configuration file. */
  readonly configOf: (plugin: string) => Readonly<Record<string, unknown>>;
  readonly outboundOf: (plugin: string) => OutboundPolicy;
  /** Where the plugin's own folder lies, of which copies are made; see `PluginSource.origin`. */
  readonly originOf: (plugin: string) => string;
  readonly onError: (error: unknown) => void;
}

export class Versions {
  private readonly options: VersionsOptions;
  /** Of versions that have been loaded before, by content hash. */
  private readonly manifests = new Map<string, PluginManifest>();

  constructor(options: VersionsOptions) {
    this.options = options;
  }

  /** Registers a version of this copy; with its manifest, where that is known from before. */
  make(kept: KeptVersion): Version {
    const { numbers, journal, onError } = this.options;
    const version = new Version({
      id: numbers.next(),
      kept,
      onTransition: (transition) => journal.append(transition),
      onListenerError: onError,
    });
    const manifest = this.manifests.get(kept.hash);
    if (manifest !== undefined) this.learn(version, manifest);
    return version;
  }

  /** The version has been loaded. */
  learn(version: Version, manifest: PluginManifest): void {
    version.manifest = manifest;
    this.manifests.set(version.kept.hash, manifest);
    this.options.numbers.name(version.id, manifest.version, version.kept.hash);
  }

  manifestOf(hash: string): PluginManifest | undefined {
    return this.manifests.get(hash);
  }

  /** The copy is gone. */
  forget(hash: string): void {
    this.manifests.delete(hash);
  }

  /** What a worker needs to load it. */
  sourceOf({ id, kept }: Version): ServedPlugin {
    const { plugin, entry, folder } = kept;
    const origin = this.options.originOf(plugin);
    const config = this.options.configOf(plugin);
    const outbound = this.options.outboundOf(plugin);
    return { name: plugin, entry, folder, origin, config, outbound, version: id, isJudged: true };
  }
}
