/** Plugin code from a folder that is watched: puts together what reloads it. */
import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { AuditJournal } from '../lifecycle/audit-journal.ts';
import type { Deployment, LostWorker } from '../pool/deployment.ts';
import type { LoadReport } from '../pool/thread.ts';
import { Probe } from '../probe/probe.ts';
import { originOf } from '../registry/origin.ts';
import { Scanner } from '../registry/scanner.ts';
import { VersionStore } from '../registry/version-store.ts';
import type { ActionReport } from '../reload/control.ts';
import type { ReloadHost } from '../reload/host.ts';
import { Reloader } from '../reload/reloader.ts';
import type { VersionNumbers } from '../reload/version-numbers.ts';
import type { PluginSupply } from './plugin-supply.ts';

export class WatchedPlugins implements PluginSupply {
  readonly deployment: Deployment;
  readonly control: Reloader;
  private readonly store: VersionStore;
  private readonly scanner: Scanner;
  private readonly probe: Probe;
  private readonly journal: AuditJournal;
  private readonly startWatching: () => void;

  private constructor(parts: {
    readonly deployment: Deployment;
    readonly control: Reloader;
    readonly store: VersionStore;
    readonly scanner: Scanner;
    readonly probe: Probe;
    readonly journal: AuditJournal;
    readonly startWatching: () => void;
  }) {
    this.deployment = parts.deployment;
    this.control = parts.control;
    this.store = parts.store;
    this.scanner = parts.scanner;
    this.probe = parts.probe;
    this.journal = parts.journal;
    this.startWatching = parts.startWatching;
  }

  /** Rejects with a StoreError where versions cannot be kept. */
  static async open(
    settings: Settings,
    host: ReloadHost,
    numbers: VersionNumbers,
    onReport: (report: ActionReport) => void,
  ): Promise<WatchedPlugins> {
    const { log } = host;
    const store = await VersionStore.open(join(settings.stateDir, 'versions'));
    const journal = new AuditJournal(join(settings.stateDir, 'journal.ndjson'), {
      onError: (error) => log.error('the audit journal cannot be written', { error }),
    });
    const probe = new Probe({
      onLog: ({ level, message, fields }) => log[level](message, { ...fields, probe: true }),
    });
    const watching = Promise.withResolvers<void>();
    const scanner = new Scanner({
      folder: settings.plugins,
      keep: (content) => store.keep(content),
      log,
      // Serving does not wait for the watch, nor share the start's processor time with it.
      watchFrom: watching.promise,
      onHint: () => void probe.prepare(),
      onView: (view) => {
        if (isStarted) control.viewed(view);
      },
    });
    const control = new Reloader({
      host,
      store,
      journal,
      probe: {
        judge: (candidate) => probe.judge(candidate, { timeMs: settings.probeTimeoutMs }),
        prepare: () => probe.prepare(),
      },
      numbers,
      originOf: (plugin) => originOf(settings.plugins, plugin),
      rescan: () => scanner.rescan({ force: true }),
      breatherMs: settings.reloadBreatherMs,
      onReport,
    });
    let isStarted = false;
    const deployment = await control.firstDeployment(await scanner.rescan());
    isStarted = true;
    return new WatchedPlugins({
      deployment,
      control,
      store,
      scanner,
      probe,
      journal,
      startWatching: watching.resolve,
    });
  }

  started({ plugins, failures }: LoadReport): void {
    this.control.started(plugins, failures);
  }

  workerLost(lost: LostWorker): void {
    this.control.workerLost(lost);
  }

  watch(): void {
    this.startWatching();
  }

  async close(): Promise<void> {
    this.control.close();
    this.startWatching();
    await this.scanner.close();
    this.probe.close();
    await this.journal.close();
    // Whoever awaits this may take the folder away; and a version that has just shown itself good is remembered.
    await this.store.settled();
  }
}
