/**
 * Reads the section for plugins of the configuration file:
 * `{ <plugin>: { timeoutMs?, tools?: { <tool>: { timeoutMs? } }, config?: {…} } }`
 */
import { didYouMean } from './nearest-name.ts';
import { type Problem, unexpected } from './origin.ts';
import { deadlineMs, pluginName } from './setting-table.ts';
import type { PluginSettings, Settings, ToolSettings } from './settings.ts';

/** Reports that something is wrong at a key, which is a path of names joined by dots. */
type Complain = (key: string, message: string) => void;

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** `raw` is what stands under `section` in the file at `path`. */
export function readPluginSection(
  raw: unknown,
  section: string,
  path: string,
  problems: Problem[],
): Settings['pluginSettings'] {
  const complain: Complain = (key, message) => {
    problems.push({ origin: { from: 'file', path, key }, message });
  };
  return readRecord(raw, section, complain, (plugin, name, key) => {
    if (pluginName.read({ form: 'json', raw: name, base: '' }) === undefined) {
      complain(key, unexpected(pluginName.expects, name));
    }
    return readPlugin(plugin, key, complain);
  });
}

function readPlugin(raw: unknown, key: string, complain: Complain): PluginSettings {
  const plugin: Mutable<PluginSettings> = {};
  for (const [name, value, at] of readEntries(raw, key, complain)) {
    if (name === 'timeoutMs') {
      Object.assign(plugin, readDeadline(value, at, complain));
    } else if (name === 'tools') {
      plugin.tools = readRecord(value, at, complain, (tool, _, toolKey) => readTool(tool, toolKey, complain));
    } else if (name === 'config') {
      if (isRecord(value)) plugin.config = value;
      else complain(at, unexpected('a JSON object', value));
    } else {
      complain(at, `no setting has this name${didYouMean(name, ['timeoutMs', 'tools', 'config'])}`);
    }
  }
  return plugin;
}

function readTool(raw: unknown, key: string, complain: Complain): ToolSettings {
  const tool: Mutable<ToolSettings> = {};
  for (const [name, value, at] of readEntries(raw, key, complain)) {
    if (name === 'timeoutMs') Object.assign(tool, readDeadline(value, at, complain));
    else complain(at, `no setting has this name${didYouMean(name, ['timeoutMs'])}`);
  }
  return tool;
}

function readDeadline(raw: unknown, key: string, complain: Complain): { readonly timeoutMs?: number } {
  const timeoutMs = deadlineMs.read({ form: 'json', raw, base: '' });
  if (timeoutMs !== undefined) return { timeoutMs };
  complain(key, unexpected(deadlineMs.expects, raw));
  return {};
}

function readRecord<Value>(
  raw: unknown,
  key: string,
  complain: Complain,
  read: (raw: unknown, name: string, key: string) => Value,
): Readonly<Record<string, Value>> {
  const record: Record<string, Value> = Object.create(null);
  for (const [name, value, at] of readEntries(raw, key, complain)) record[name] = read(value, name, at);
  return record;
}

/** Name, value and key of each entry; none, and a complaint, when `raw` is not an object. */
function readEntries(raw: unknown, key: string, complain: Complain): [string, unknown, string][] {
  if (isRecord(raw)) return Object.entries(raw).map(([name, value]) => [name, value, `${key}.${name}`]);
  complain(key, unexpected('a JSON object', raw));
  return [];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
