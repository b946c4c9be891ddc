/**
 * Reads the section for plugins of the configuration file:
 * `{ <plugin>: { timeoutMs?, tools?: { <tool>: { timeoutMs? } }, config?: {…} } }`
 */

import type { SecretSource } from './auth-secret.ts';
import { readAuthRules } from './auth-section.ts';
import { type Problem, unexpected } from './origin.ts';
import { type Complain, isRecord, readEntries, readFields } from './section-fields.ts';
import { choice, integer, type Kind, toggle } from './setting-kinds.ts';
import { deadlineMs, HOST, pluginName } from './setting-table.ts';
import type { OutboundRules, PluginSettings, Settings, ToolSettings } from './settings.ts';

/** Undefined is as good as absent while it is read. */
type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] | undefined };

const budgetMs = integer(0, 180_000);
const callCount = integer(1, 65_535);

/** `raw` is what stands under `section` in the file at `path`; `secrets` is where its secrets may lie. */
export function readPluginSection(
  raw: unknown,
  section: string,
  path: string,
  secrets: SecretSource,
  problems: Problem[],
): Settings['pluginSettings'] {
  const complain: Complain = (key, message) => {
    problems.push({ origin: { from: 'file', path, key }, message });
  };
  return readRecord(raw, section, complain, (plugin, name, key) => {
    if (pluginName.read({ form: 'json', raw: name, base: '' }) === undefined) {
      complain(key, unexpected(pluginName.expects, name));
    }
    return readPlugin(plugin, key, secrets, complain);
  });
}

function readPlugin(raw: unknown, key: string, secrets: SecretSource, complain: Complain): PluginSettings {
  const plugin: Mutable<PluginSettings> = {};
  readFields(raw, key, complain, {
    timeoutMs: (value, at) => {
      plugin.timeoutMs = readValue(deadlineMs, value, at, complain);
    },
    startBudgetMs: (value, at) => {
      plugin.startBudgetMs = readValue(budgetMs, value, at, complain);
    },
    maxInFlight: (value, at) => {
      plugin.maxInFlight = readValue(callCount, value, at, complain);
    },
    maxWaiting: (value, at) => {
      plugin.maxWaiting = readValue(callCount, value, at, complain);
    },
    breaker: (value, at) => {
      plugin.breaker = readValue(toggle(), value, at, complain);
    },
    errorStatus: (value, at) => {
      plugin.errorStatus = readValue(choice(['coze', 'http']), value, at, complain);
    },
    auth: (value, at) => {
      plugin.auth = readAuthRules(value, at, secrets, complain);
    },
    outbound: (value, at) => {
      plugin.outbound = readOutbound(value, at, complain);
    },
    tools: (value, at) => {
      plugin.tools = readRecord(value, at, complain, (tool, _, toolKey) => readTool(tool, toolKey, complain));
    },
    config: (value, at) => {
      if (isRecord(value)) plugin.config = value;
      else complain(at, unexpected('a JSON object', value));
    },
  });
  return plugin;
}

function readTool(raw: unknown, key: string, complain: Complain): ToolSettings {
  const tool: Mutable<ToolSettings> = {};
  readFields(raw, key, complain, {
    timeoutMs: (value, at) => {
      tool.timeoutMs = readValue(deadlineMs, value, at, complain);
    },
    startBudgetMs: (value, at) => {
      tool.startBudgetMs = readValue(budgetMs, value, at, complain);
    },
  });
  return tool;
}

function readOutbound(raw: unknown, key: string, complain: Complain): OutboundRules {
  const rules: Mutable<OutboundRules> = {};
  readFields(raw, key, complain, {
    hosts: (value, at) => {
      if (Array.isArray(value) && value.every((host) => typeof host === 'string' && HOST.test(host))) {
        rules.hosts = value;
      } else
        complain(
          at,
          unexpected('an array of host names such as ["api.example.com", "*.example.org"]', value),
        );
    },
    identity: (value, at) => {
      rules.identity = readValue(toggle(), value, at, complain);
    },
  });
  return rules;
}

/** Undefined, and a complaint, when it is not what is expected. */
function readValue<Value>(
  kind: Kind<Value>,
  raw: unknown,
  at: string,
  complain: Complain,
): Value | undefined {
  const value = kind.read({ form: 'json', raw, base: '' });
  if (value === undefined) complain(at, unexpected(kind.expects, raw));
  return value;
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
