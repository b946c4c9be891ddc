/** `hotlane plugins` and `hotlane versions`: what a running server has. */
import type { Manifest } from '../config/manifest.ts';
import { type AddressFlags, adminAddress } from './admin-address.ts';
import { ask } from './admin-client.ts';
import { isPluginList, isVersionList } from './admin-shapes.ts';
import { pluginTable } from './plugin-table.ts';
import { readReply } from './read-reply.ts';
import { versionTable } from './version-table.ts';

/** `json`: the server's answer as it is instead of a table. */
export interface ShowFlags extends AddressFlags {
  readonly json?: true;
}

export async function showPlugins({ json, ...flags }: ShowFlags, manifest: Manifest): Promise<void> {
  const server = adminAddress(flags, manifest);
  if (server === undefined) return;
  const answer = readReply(await ask(server, { method: 'GET', path: '/plugins' }), server, isPluginList);
  if (answer === undefined) return;
  const { plugins } = answer.value;
  if (json) process.stdout.write(answer.text);
  else if (plugins.length === 0) process.stderr.write('The server has no plugins.\n');
  else process.stdout.write(pluginTable(plugins, Date.now(), process.stdout));
}

export async function showVersions(
  plugin: string,
  { json, ...flags }: ShowFlags,
  manifest: Manifest,
): Promise<void> {
  const server = adminAddress(flags, manifest);
  if (server === undefined) return;
  const path = `/plugins/${encodeURIComponent(plugin)}/versions`;
  const answer = readReply(await ask(server, { method: 'GET', path }), server, isVersionList);
  if (answer === undefined) return;
  const { versions } = answer.value;
  if (json) process.stdout.write(answer.text);
  else if (versions.length === 0) process.stderr.write(`The server keeps no version of ${plugin}.\n`);
  else process.stdout.write(versionTable(versions, Date.now(), process.stdout));
}
