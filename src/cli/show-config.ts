/** `hotlane config`: every setting, its value and where that comes from. */
import { styleText } from 'node:util';
import { describeRule } from '../config/auth-text.ts';
import type { Flags } from '../config/claim.ts';
import type { LoadedSettings } from '../config/load-settings.ts';
import type { Manifest } from '../config/manifest.ts';
import { describeOrigin } from '../config/origin.ts';
import { SETTING_NAMES, SETTINGS } from '../config/setting-table.ts';
import { resolveSettings } from './resolve-settings.ts';
import { tableLines } from './table.ts';

interface Line {
  readonly setting: string;
  readonly value: unknown;
  readonly source: string;
}

/** Stands for whatever nobody should read over a shoulder. */
const HIDDEN = '***';

/** Prints to standard output; a configuration that is refused is reported as a start would. */
export function showConfig(flags: Flags, manifest: Manifest, form: 'table' | 'json'): void {
  const resolved = resolveSettings(flags, manifest);
  if (resolved === undefined) return;
  const lines = [...settingLines(resolved), ...pluginLines(resolved)];
  process.stdout.write(form === 'json' ? asJson(lines) : asTable(lines));
}

type Resolved = Extract<LoadedSettings, { outcome: 'loaded' }>;

function settingLines({ settings, origins }: Resolved): Line[] {
  return SETTING_NAMES.map((setting) => {
    const value = settings[setting];
    const origin = origins.get(setting) ?? { from: 'default' };
    const hidden = SETTINGS[setting].kind.secret && value !== undefined;
    return { setting, value: hidden ? HIDDEN : value, source: describeOrigin(origin) };
  });
}

/** A plugin's own configuration often holds keys and passwords, and only the plugin knows where. */
function pluginLines({ settings, configFile = '' }: Resolved): Line[] {
  const lines: Line[] = [];
  const add = (setting: string, value: unknown): void => {
    const key = `pluginSettings.${setting}`;
    const source = describeOrigin({ from: 'file', path: configFile, key });
    if (value !== undefined) lines.push({ setting: key, value, source });
  };
  for (const [plugin, own] of Object.entries(settings.pluginSettings)) {
    const { timeoutMs, auth = [], tools = {}, config } = own;
    add(`${plugin}.timeoutMs`, timeoutMs);
    for (const [index, rule] of auth.entries()) add(`${plugin}.auth.${index}`, describeRule(rule));
    for (const [tool, { timeoutMs: ms }] of Object.entries(tools))
      add(`${plugin}.tools.${tool}.timeoutMs`, ms);
    add(`${plugin}.config`, config && HIDDEN);
  }
  return lines;
}

function asJson(lines: readonly Line[]): string {
  const entries = lines.map(({ setting, value = null, source }) => [setting, { value, source }]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

function asTable(lines: readonly Line[]): string {
  const rows = lines.map(({ setting, value = '-', source }) => [setting, String(value), source]);
  const [head = '', ...rest] = tableLines([['setting', 'value', 'source'], ...rows]);
  // styleText leaves out the style when the stream is no terminal or NO_COLOR is set.
  return [styleText('bold', head, { stream: process.stdout }), ...rest, ''].join('\n');
}
