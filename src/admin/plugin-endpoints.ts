/**
 * What operators see of the plugins and do to them, over HTTP. An action is answered when it is over.
 *
 *   GET  /plugins                     every plugin as it stands
 *   GET  /plugins/{name}              one of them
 *   GET  /plugins/{name}/versions     its kept versions, newest first
 *   POST /reload                      look at the disk now and roll what has changed
 *   POST /plugins/{name}/reload       the same for one plugin
 *   POST /plugins/{name}/rollback     back to the version before, or to {"hash": "…"}
 *   POST /plugins/{name}/activate     serve it again
 *   POST /plugins/{name}/deactivate   answer its calls with 503
 *   POST /plugins/{name}/unload       roll the workers onto code without it
 */
import type { ActionReport, ReloadControl } from '../reload/control.ts';
import {
  type AdminAnswer,
  type AdminEndpoint,
  type AdminEndpoints,
  type AdminRequest,
  json,
  refusal,
} from './admin-server.ts';
import { bodyFields } from './body-fields.ts';

export function pluginEndpoints(control: ReloadControl): AdminEndpoints {
  const find = (plugin: string) => control.plugins().find(({ name }) => name === plugin);

  const unknownPlugin = (plugin: string): AdminAnswer => {
    const names = control.plugins().map(({ name }) => name);
    const known = names.length === 0 ? 'there is none' : `there is ${names.join(', ')}`;
    return refusal(404, `no plugin is called ${JSON.stringify(plugin)}; ${known}`);
  };

  /** An action on the plugin that the path names. */
  const onPlugin = (
    act: (plugin: string, hash: string | undefined) => Promise<ActionReport>,
    fields: readonly Field[] = [],
  ): AdminEndpoint => ({
    async POST(request) {
      const read = readFields(request, fields);
      if (read.outcome === 'wrong') return refusal(400, read.reason);
      const plugin = request.parameter('name');
      const report = await act(plugin, read.hash);
      // Asked afterwards: a plugin whose folder is new is only known once the action has looked at the disk.
      const isUnknown = report.outcome === 'refused' && find(plugin) === undefined;
      return json(isUnknown ? 404 : statusOf(report), report);
    },
  });

  return {
    '/plugins': () => json(200, { plugins: control.plugins() }),
    '/plugins/{name}': ({ parameter }) => {
      const plugin = find(parameter('name'));
      return plugin === undefined ? unknownPlugin(parameter('name')) : json(200, plugin);
    },
    '/plugins/{name}/versions': async ({ parameter }) => {
      const versions = await control.versions(parameter('name'));
      return versions === undefined ? unknownPlugin(parameter('name')) : json(200, { versions });
    },
    '/reload': {
      async POST(request) {
        const read = readFields(request, []);
        if (read.outcome === 'wrong') return refusal(400, read.reason);
        const report = await control.reload();
        return json(statusOf(report), report);
      },
    },
    '/plugins/{name}/reload': onPlugin((plugin) => control.reload(plugin)),
    '/plugins/{name}/rollback': onPlugin((plugin, hash) => control.rollback(plugin, hash), ['hash']),
    '/plugins/{name}/activate': onPlugin((plugin) => control.activate(plugin)),
    '/plugins/{name}/deactivate': onPlugin((plugin) => control.deactivate(plugin)),
    '/plugins/{name}/unload': onPlugin((plugin) => control.unload(plugin)),
  };
}

function statusOf({ outcome }: ActionReport): number {
  switch (outcome) {
    case 'rolled':
    case 'done':
    case 'unchanged':
      return 200;
    case 'rejected':
      return 422;
    case 'rolled-back':
    case 'refused':
      return 409;
  }
}

type Field = 'hash';

type Fields =
  | { readonly outcome: 'fine'; readonly hash: string | undefined }
  | { readonly outcome: 'wrong'; readonly reason: string };

/** A misspelt `hash` would roll back to another version than the one meant. */
function readFields({ body }: AdminRequest, names: readonly Field[]): Fields {
  const read = bodyFields(body, names);
  if (read.outcome === 'wrong') return read;
  const { hash } = read.fields;
  if (hash === undefined) return { outcome: 'fine', hash };
  // An empty one would be the beginning of every hash.
  if (typeof hash === 'string' && /^[0-9a-f]{1,64}$/.test(hash)) return { outcome: 'fine', hash };
  return { outcome: 'wrong', reason: 'hash must be the beginning of a content hash: 1 to 64 of 0-9, a-f' };
}
