/** Reads the configuration file: what it claims about settings, and its section for plugins. */
import { dirname } from 'node:path';
import type { SecretSource } from './auth-secret.ts';
import type { Claim } from './claim.ts';
import { didYouMean } from './nearest-name.ts';
import { type Origin, type Problem, unexpected } from './origin.ts';
import { readPluginSection } from './plugin-section.ts';
import { isRecord } from './section-fields.ts';
import { isSettingName, SETTING_NAMES } from './setting-table.ts';
import type { Settings } from './settings.ts';

/** Used when it lies in the working directory and no other file is named. */
export const DEFAULT_CONFIG_FILE = 'hotlane.config.json';

/** The key of the section for plugins; `plugins` is their folder. */
const PLUGIN_SECTION = 'pluginSettings';

export interface ConfigFile {
  readonly claims: readonly Claim[];
  readonly pluginSettings: Settings['pluginSettings'];
}

/**
 * Reads the file at an absolute `path`. `namedBy` is who asked for it; when nobody did, it need not exist. `secrets` is where
 * the secrets lie that it only names.
 * Undefined when there is nothing to read; `problems` then says why, if that is one.
 */
export function readConfigFile(
  path: string,
  namedBy: Origin | undefined,
  secrets: SecretSource,
  problems: Problem[],
): ConfigFile | undefined {
  const content = secrets.files.read(path);
  if (content.outcome === 'missing') {
    if (namedBy) problems.push({ origin: namedBy, message: `there is no file at ${path}` });
    return undefined;
  }
  const origin = { from: 'file', path } as const;
  if (content.outcome === 'unreadable') {
    problems.push({ origin, message: `cannot be read: ${content.reason}` });
    return undefined;
  }
  let json: unknown;
  try {
    json = JSON.parse(content.text);
  } catch (error) {
    problems.push({
      origin,
      message: `is not valid JSON: ${withoutContent(error)}`,
    });
    return undefined;
  }
  if (!isRecord(json)) {
    problems.push({ origin, message: unexpected('one JSON object', json) });
    return undefined;
  }
  return readKeys(json, path, secrets, problems);
}

function readKeys(
  json: Readonly<Record<string, unknown>>,
  path: string,
  secrets: SecretSource,
  problems: Problem[],
): ConfigFile {
  const claims: Claim[] = [];
  let pluginSettings: Settings['pluginSettings'] = Object.create(null);
  for (const [key, raw] of Object.entries(json)) {
    const origin = { from: 'file', path, key } as const;
    if (key === PLUGIN_SECTION) {
      pluginSettings = readPluginSection(raw, key, path, secrets, problems);
    } else if (isSettingName(key)) {
      claims.push({ name: key, origin, form: 'json', raw, base: dirname(path) });
    } else {
      const guess = didYouMean(key, [...SETTING_NAMES, PLUGIN_SECTION]);
      problems.push({ origin, message: `no setting has this name${guess}` });
    }
  }
  return { claims, pluginSettings };
}

/** V8 quotes what stands around the mistake, which may be part of a secret. */
function withoutContent(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/, (?:\.{3})?".*"(?:\.{3})? is not valid JSON$/s, '');
}
