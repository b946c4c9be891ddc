/**
 * A reloader whose workers, probe and plugin folder are on paper: rolls end as the test says, and a plugin's code is
 * a line such as `1.0.0: hello bye`, its version and its tools. Only the store of versions is real.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { VersionId } from '../../src/core/brand.ts';
import type { Log } from '../../src/core/log.ts';
import type { VersionCount } from '../../src/dispatch/version-counts.ts';
import type { Transition } from '../../src/lifecycle/version-state.ts';
import type { Deployment } from '../../src/pool/deployment.ts';
import type { RollOutcome } from '../../src/pool/roll.ts';
import { VersionStore } from '../../src/registry/version-store.ts';
import type { View } from '../../src/registry/view.ts';
import type { ActionReport, PluginView } from '../../src/reload/control.ts';
import type { ReloadHost, ToolName } from '../../src/reload/host.ts';
import { Reloader } from '../../src/reload/reloader.ts';
import { VersionNumbers } from '../../src/reload/version-numbers.ts';
import type { PluginManifest, PluginSource, ServedPlugin } from '../../src/wire/catalogue.ts';
import type { OutboundPolicy } from '../../src/wire/outbound.ts';
import type { Verdict } from '../../src/wire/probe-messages.ts';
import { contentWith } from '../registry/contents.ts';
import { ANYWHERE } from '../support/outbound.ts';
import { ownFolder } from '../support/own-folder.ts';
import { memoryLog, type ServerLine } from '../support/server.ts';
import { toolManifest } from '../support/tool-manifest.ts';

/** Code by plugin; what begins with `!` is unfit, for the reason that follows. */
export type Folder = Readonly<Record<string, string>>;

/** The view of a folder that cannot be read. */
export const NO_FOLDER: View = { state: 'no-folder', reason: 'it is not there' };

export class PaperHost implements ReloadHost {
  readonly lines: ServerLine[] = [];
  readonly log: Log = memoryLog(this.lines);
  readonly numbers = new VersionNumbers();
  /** What happened, in order: `probe greet`, `route greet: hello`, `roll greet@1.0.0`. */
  readonly events: string[] = [];
  readonly transitions: Transition[] = [];
  readonly reports: ActionReport[] = [];
  readonly store: VersionStore;
  readonly reloader: Reloader;
  /** What the workers run. */
  deployment: Deployment = { plugins: [] };
  /** Calls of tools that go, still to be started. */
  waiting = 0;
  /** Runs in the middle of every roll; a sentence makes it fail. */
  onRoll: (to: Deployment) => string | undefined | Promise<string | undefined> = () => undefined;
  /** Runs when one more action is over. */
  onReport: () => void = () => undefined;
  /** Runs while a candidate is judged. */
  onJudge: (plugin: string) => unknown = () => undefined;
  private readonly counts = new Map<VersionId, VersionCount>();
  private shown: View = NO_FOLDER;

  private constructor(store: VersionStore, breatherMs: number) {
    this.store = store;
    this.reloader = new Reloader({
      host: this,
      store,
      numbers: this.numbers,
      journal: { append: (transition) => this.transitions.push(transition) },
      probe: { judge: ({ source }) => this.judge(source), prepare: async () => undefined },
      originOf: (plugin) => plugin,
      rescan: async () => this.shown,
      breatherMs,
      onReport: (report) => {
        this.reports.push(report);
        this.onReport();
      },
    });
  }

  /** Starts with this folder. `state`: where versions are kept; the same folder for a second life. */
  static async start(t: Test, folder: Folder, state = ownFolder(t, {}), breatherMs = 0): Promise<PaperHost> {
    const host = new PaperHost(await VersionStore.open(join(state, 'versions')), breatherMs);
    t.teardown(async () => {
      host.reloader.close();
      // A version that has shown itself good is remembered beside everything else; its folder is removed next.
      await host.store.settled();
    });
    host.shown = await host.view(folder);
    host.deployment = await host.reloader.firstDeployment(host.shown);
    host.reloader.started(host.deployment.plugins.map(manifestOf), []);
    await host.idle();
    return host;
  }

  /** The folder holds this now, and the scanner has told. */
  async save(folder: Folder): Promise<void> {
    this.show(await this.view(folder));
    await this.idle();
  }

  show(view: View): void {
    this.shown = view;
    this.reloader.viewed(view);
  }

  async view(folder: Folder): Promise<Extract<View, { state: 'folder' }>> {
    const versions = [];
    for (const [plugin, code] of Object.entries(folder)) {
      versions.push([plugin, await this.store.keep(await contentWith(code, plugin))] as const);
    }
    return { state: 'folder', versions: new Map(versions), failures: [], waiting: new Map() };
  }

  /** Resolves when everything asked for before is over: actions go one after the other. */
  async idle(): Promise<void> {
    await this.reloader.activate('nobody');
  }

  plugin(name: string): PluginView | undefined {
    return this.reloader.plugins().find((plugin) => plugin.name === name);
  }

  /** What the workers run, as `greet@1.0.0`. */
  get running(): readonly string[] {
    return this.deployment.plugins.map(shown);
  }

  /** The events since the last call. */
  takeEvents(): readonly string[] {
    return this.events.splice(0);
  }

  /** A worker is lost of what runs now. */
  async loseWorker(reason: string): Promise<void> {
    this.reloader.workerLost({ deployment: this.deployment, reason, culprit: undefined });
    await this.idle();
  }

  /** The calls that the serving version of this plugin has answered. */
  setCounts(plugin: string, counts: VersionCount): void {
    const served = this.deployment.plugins.find(({ name }) => name === plugin);
    if (served !== undefined) this.counts.set(served.version, counts);
  }

  configOf(): Readonly<Record<string, unknown>> {
    return {};
  }

  outboundOf(): OutboundPolicy {
    return ANYWHERE;
  }

  standBy(): void {
    // Nothing to start on paper.
  }

  deployed(): Deployment {
    return this.deployment;
  }

  async roll(to: Deployment, doubts: () => string | undefined): Promise<RollOutcome> {
    this.events.push(`roll ${to.plugins.map(shown).join(', ')}`);
    const reason = (await this.onRoll(to)) ?? doubts();
    if (reason !== undefined) return { kind: 'rolled-back', reason };
    this.deployment = to;
    return { kind: 'rolled' };
  }

  publish(plugins: readonly PluginManifest[], inactive: readonly string[]): void {
    const routes = plugins.map(({ name, tools }) => `${name}: ${tools.map((tool) => tool.name).join(' ')}`);
    this.events.push(['route', ...routes, ...inactive.map((name) => `${name} off`)].join(' '));
  }

  waitingCalls(tools: readonly ToolName[]): number {
    this.events.push(
      `${this.waiting} wait for ${tools.map(({ plugin, tool }) => `${plugin}/${tool}`).join()}`,
    );
    return this.waiting > 0 ? this.waiting-- : 0;
  }

  longestWaitMs(): number {
    return 1_000;
  }

  circuitsOf(): readonly [] {
    return [];
  }

  countsOf(version: VersionId): VersionCount {
    return this.counts.get(version) ?? { calls: 0, faults: 0 };
  }

  private async judge(source: PluginSource): Promise<Verdict> {
    this.events.push(`probe ${shown(source)}`);
    await this.onJudge(source.name);
    const code = codeOf(source);
    if (!code.startsWith('!')) return { kind: 'fit', manifest: manifestOf(source), warnings: [] };
    const nowhere = {
      file: undefined,
      line: undefined,
      column: undefined,
      frame: undefined,
      stack: undefined,
    };
    return { kind: 'unfit', step: 'init', reason: code.slice(1), ...nowhere };
  }
}

function codeOf({ entry }: PluginSource): string {
  return readFileSync(entry, 'utf8');
}

function manifestOf(source: PluginSource | ServedPlugin): PluginManifest {
  const [version = '', tools = ''] = codeOf(source).split(': ');
  return {
    name: source.name,
    version,
    description: 'On paper.',
    tools: tools.split(' ').map((name) => toolManifest(name)),
    hasEvents: false,
  };
}

function shown(source: PluginSource): string {
  return `${source.name}@${manifestOf(source).version}`;
}
