/** A server with two workers whose plugin is saved again and again. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AdminClient } from '../load/admin-client.ts';
import { machineMs } from '../load/machine-clock.ts';
import { tempFolder } from '../process/temp-folder.ts';
import { hotlane } from '../variants/all.ts';
import { Server } from '../variants/server.ts';
import type { Variant } from '../variants/variant.ts';
import { type Save, SavedPlugin } from './reload-saves.ts';

/** One version that has come into service. */
export interface Roll extends Save {
  /** From the save until the admin port says that every worker runs it. */
  readonly tookMs: number;
}

const plugin = 'echo';
const workers = 2;
/** Between two questions whether a roll is over: each costs the server's main thread some of its time. */
const pollMs = 50;
const patienceMs = 30_000;

export class ReloadServer {
  readonly server: Server;
  readonly saved: SavedPlugin;
  private readonly admin: AdminClient;

  private constructor(server: Server, saved: SavedPlugin) {
    this.server = server;
    this.saved = saved;
    this.admin = new AdminClient(server.adminPort);
  }

  /** `tellsResources`: see `Variant`. */
  static async start({ tellsResources = false } = {}): Promise<ReloadServer> {
    const plugins = tempFolder('plugins');
    const saved = new SavedPlugin(new URL('../plugins', import.meta.url).pathname, plugins, plugin);
    const usual = hotlane(workers);
    const variant: Variant = {
      ...usual,
      tellsResources,
      args: (port, adminPort) => [
        ...usual.args(port, adminPort),
        '--plugins',
        plugins,
        '--state-dir',
        tempFolder('state'),
      ],
    };
    return new ReloadServer(await Server.start(variant), saved);
  }

  /** Saves another version and waits until every worker runs it. */
  async roll(): Promise<Roll> {
    const save = this.saved.save();
    const giveUpAt = performance.now() + patienceMs;
    for (;;) {
      await sleep(pollMs);
      const { version, rejected } = await this.admin.plugin(plugin);
      if (version === save.version) return { ...save, tookMs: machineMs() - save.atMs };
      if (performance.now() > giveUpAt) {
        const reason = rejected?.problem.reason ?? 'it was not refused either';
        throw new Error(`version ${save.version} did not come into service; ${version} serves: ${reason}`);
      }
    }
  }

  /** Rolls one version after the other until the time (`performance.now()`) has come, with rests between them. */
  async rollUntil(end: number, restMs: number): Promise<readonly Roll[]> {
    const rolls: Roll[] = [];
    while (performance.now() < end) {
      rolls.push(await this.roll());
      if (restMs > 0) await sleep(restMs);
    }
    return rolls;
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
