/** A hotlane server that hosts chosen plugins, for the time of one piece of work; whether it outlived that is kept. */
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '../process/temp-folder.ts';
import { hotlane } from '../variants/all.ts';
import { Server } from '../variants/server.ts';

export interface Hosting {
  /** Folders in `plugins/` and `trial-plugins/`; `echo` is hosted in any case. */
  readonly plugins: readonly string[];
  readonly workers: number;
  /** Further arguments of `hotlane start`. */
  readonly args?: readonly string[];
  /** The section of the configuration file for single plugins. */
  readonly pluginSettings?: Readonly<Record<string, object>>;
}

/** Calls that one worker runs at once: hotlane's default. */
export const concurrency = 32;

/** Over all servers of this run. */
const seen = { servers: 0, deaths: 0 };

/** Servers started so far, and how many of them died of what was done to them. */
export function processDeaths(): Readonly<typeof seen> {
  return seen;
}

/** Starts the server, does the work, and stops it however that ends. */
export async function withServer<Result>(
  hosting: Hosting,
  work: (server: Server) => Promise<Result>,
): Promise<Result> {
  const server = await Server.start(variantOf(hosting));
  seen.servers += 1;
  try {
    return await work(server);
  } finally {
    const isAlive = await server.usage().then(
      () => true,
      () => false,
    );
    if (!isAlive) seen.deaths += 1;
    await server.stop();
  }
}

export function variantOf({ plugins, workers, args = [], pluginSettings = {} }: Hosting) {
  const usual = hotlane(workers);
  return {
    ...usual,
    title: `hotlane, ${workers} worker${workers === 1 ? '' : 's'}${args.length === 0 ? '' : `, ${args.join(' ')}`}`,
    args: (port: number, adminPort: number) =>
      [
        usual.args(port, adminPort),
        ['--concurrency', String(concurrency)],
        ['--plugins', folderOf(new Set(['echo', ...plugins]))],
        ['--state-dir', tempFolder('state')],
        ['--config', configFile(pluginSettings)],
        // Calls that never end would hold up the stop.
        ['--drain-ms', '200'],
        args,
      ].flat(),
  };
}

function folderOf(plugins: ReadonlySet<string>): string {
  const folder = tempFolder('plugins');
  for (const plugin of plugins) {
    const source = ['../plugins', '../trial-plugins']
      .map((of) => join(import.meta.dirname, of, plugin))
      .find((path) => existsSync(path));
    if (source === undefined) throw new Error(`there is no plugin "${plugin}" to host`);
    cpSync(source, join(folder, plugin), { recursive: true });
  }
  return folder;
}

function configFile(pluginSettings: object): string {
  const file = join(tempFolder('config'), 'hotlane.config.json');
  writeFileSync(file, JSON.stringify({ pluginSettings }));
  return file;
}
