/** What one source says about one setting, before anyone has checked it. */
import type { Origin } from './origin.ts';
import type { RawValue } from './setting-kinds.ts';
import {
  flagOf,
  negatedFlagOf,
  SETTING_NAMES,
  type SettingName,
  type SettingValues,
} from './setting-table.ts';

export interface Claim extends RawValue {
  readonly name: SettingName;
  readonly origin: Origin;
}

/** Flags as the command line gave them, by setting name: text, or a boolean for a switch. */
export type Flags = Readonly<Partial<Record<SettingName | 'config', string | boolean>>>;

/** A command and the defaults it has of its own. */
export interface Preset {
  readonly command: string;
  readonly values: Partial<SettingValues>;
}

export function flagClaims(flags: Flags, cwd: string): Claim[] {
  return SETTING_NAMES.flatMap((name) => {
    const raw = flags[name];
    if (raw === undefined) return [];
    const flag = raw === false ? negatedFlagOf(name) : flagOf(name);
    return [{ name, raw, form: 'text', base: cwd, origin: { from: 'flag', flag } }];
  });
}

export function presetClaims({ command, values }: Preset): Claim[] {
  return SETTING_NAMES.flatMap((name) => {
    const raw = values[name];
    if (raw === undefined) return [];
    return [{ name, raw, form: 'json', base: '', origin: { from: 'command', command } }];
  });
}
