/**
 * Resolves the settings: flags over environment over file over the command's own defaults over defaults.
 *
 * All sources are read to the end, so that all problems come out at once. Nothing here looks at the process:
 * what goes in decides what comes out.
 */
import { dirname, resolve } from 'node:path';
import type { SecretSource } from './auth-secret.ts';
import { type Flags, flagClaims, type Preset, presetClaims } from './claim.ts';
import { DEFAULT_CONFIG_FILE, readConfigFile } from './config-file.ts';
import { CONFIG_VARIABLE, type Environment, readEnvironment } from './environment.ts';
import type { Files } from './files.ts';
import type { Origin, Problem } from './origin.ts';
import { type Circumstances, flagOf, type SettingName } from './setting-table.ts';
import type { Settings } from './settings.ts';
import { isComplete, settle } from './settle.ts';

export interface Sources {
  readonly flags: Flags;
  readonly env: Environment;
  /** Absolute; relative paths in flags and environment start here, those in the file at the file's folder. */
  readonly cwd: string;
  readonly files: Files;
  readonly preset?: Preset;
  readonly machine: Omit<Circumstances, 'debug' | 'cwd'>;
}

export type LoadedSettings =
  | {
      readonly outcome: 'loaded';
      readonly settings: Settings;
      readonly origins: ReadonlyMap<SettingName, Origin>;
      /** Absolute path of the file that was read. */
      readonly configFile: string | undefined;
    }
  | { readonly outcome: 'refused'; readonly problems: readonly Problem[] };

export function loadSettings({ flags, env, cwd, files, preset, machine }: Sources): LoadedSettings {
  const problems: Problem[] = [];
  const named = namedConfigFile(flags, env);
  const path = resolve(cwd, named?.path ?? DEFAULT_CONFIG_FILE);
  const secrets: SecretSource = { files, env, folder: dirname(path), named: new Set() };
  const file = readConfigFile(path, named?.origin, secrets, problems);
  const claims = [
    ...flagClaims(flags, cwd),
    ...readEnvironment(env, cwd, files, problems, secrets.named),
    ...(file?.claims ?? []),
    ...(preset ? presetClaims(preset) : []),
  ];
  const { values, origins } = settle(claims, { ...machine, cwd }, files, problems);
  if (problems.length > 0 || !isComplete(values)) return { outcome: 'refused', problems };
  const settings = freeze({ ...values, pluginSettings: file?.pluginSettings ?? Object.create(null) });
  return { outcome: 'loaded', settings, origins, configFile: file && path };
}

function namedConfigFile(flags: Flags, env: Environment): { path: string; origin: Origin } | undefined {
  if (typeof flags.config === 'string') {
    return { path: flags.config, origin: { from: 'flag', flag: flagOf('config') } };
  }
  const path = env[CONFIG_VARIABLE];
  return path ? { path, origin: { from: 'environment', variable: CONFIG_VARIABLE } } : undefined;
}

/** Freezes plain data to the last object. */
function freeze<Data>(data: Data): Data {
  if (typeof data === 'object' && data !== null) Object.values(Object.freeze(data)).forEach(freeze);
  return data;
}
