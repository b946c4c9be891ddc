/** `hotlane call`: calls one tool of a running server. */

import type { Flags } from '../config/claim.ts';
import type { Manifest } from '../config/manifest.ts';
import type { JsonObject } from '../twin/json.ts';
import { asCoze } from './call-as-coze.ts';
import { asExecute } from './call-as-execute.ts';
import { type CallTarget, callTarget, type TargetFlags } from './call-target.ts';
import { jsonObject, usageError } from './json-flag.ts';
import { resolveSettings } from './resolve-settings.ts';

export interface CallFlags extends TargetFlags, Pick<Flags, 'config' | 'host' | 'port'> {
  readonly json: string;
  readonly as: 'coze' | 'execute';
  readonly user: string;
  readonly bot?: string;
  readonly conversation?: string;
  readonly timeout: number;
  readonly retry?: true;
  readonly stream?: true;
}

/** One call as it was asked for, checked. */
export interface Call extends Omit<CallFlags, keyof TargetFlags | 'json'>, CallTarget {
  readonly plugin: string;
  readonly tool: string;
  readonly args: JsonObject;
}

export async function callTool(
  plugin: string,
  tool: string,
  flags: CallFlags,
  manifest: Manifest,
): Promise<void> {
  const { json, as, retry, stream, config, host, port } = flags;
  const args = jsonObject(json);
  if (args === undefined) return usageError(`--json: expected a JSON object, got ${json}`);
  if (as === 'execute' && (retry || stream)) {
    return usageError('--retry and --stream are for --as coze.');
  }
  const given = Object.entries({ config, host, port }).filter(([, value]) => value !== undefined);
  const settings = resolveSettings(Object.fromEntries(given), manifest)?.settings;
  if (settings === undefined) return;
  const target = callTarget(plugin, flags, settings);
  if (typeof target === 'string') return usageError(target);
  const call: Call = { ...flags, ...target, plugin, tool, args };
  return as === 'coze' ? asCoze(call) : asExecute(call);
}

/** An address below the server's own. */
export function pathOf({ url }: Pick<Call, 'url'>, ...steps: readonly string[]): URL {
  const base = url.href.endsWith('/') ? url.href : `${url.href}/`;
  return new URL(steps.map(encodeURIComponent).join('/'), base);
}
