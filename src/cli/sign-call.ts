/** Which request a call of a tool is, by either contract. */
import type { IdentityValues } from '../auth/signed-identity.ts';
import { pluginName } from '../config/setting-table.ts';

export interface CallFlags {
  readonly as: 'execute' | 'coze';
  readonly method: 'POST' | 'GET';
  readonly json?: string;
  readonly path?: string;
  readonly user?: string;
  readonly bot?: string;
  readonly conversation?: string;
}

export interface PlannedCall {
  readonly plugin: string;
  readonly method: 'POST' | 'GET';
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** '' for a GET. */
  readonly body: string;
  /** What of the identity goes in headers. */
  readonly identity: IdentityValues;
}

const PLAIN = /^[\x20-\x7e]*$/;
const PATH = /^\/[\x21-\x7e]*$/;

/** `name` is `plugin/tool`. What is wrong, in a sentence, where something is. */
export function planCall(name: string, flags: CallFlags): PlannedCall | string {
  const [plugin = '', tool = '', more] = name.split('/');
  const isPlugin = pluginName.read({ form: 'text', raw: plugin, base: '' }) !== undefined;
  if (!isPlugin || !/^[A-Za-z0-9_-]+$/.test(tool) || more !== undefined) {
    return 'Name plugin and tool, such as weather/current.';
  }
  const { user, bot, conversation } = flags;
  if (![user, bot, conversation].every((id) => PLAIN.test(id ?? ''))) {
    return 'User, bot and conversation are printable ASCII.';
  }
  if (flags.json !== undefined && !isJsonObject(flags.json)) return '--json is not a JSON object.';
  return flags.as === 'execute' ? planExecute(plugin, tool, flags) : planNative(plugin, tool, flags);
}

/** Arguments stay as they were typed: a number's digits could get lost in reading and writing it. */
function planExecute(plugin: string, tool: string, flags: CallFlags): PlannedCall | string {
  const { json = '{}', user = '1', bot, conversation = '', method, path } = flags;
  if (method !== 'POST' || path !== undefined) return '--method and --path go with --as coze.';
  const ids = JSON.stringify({ user_id: user, bot_id: bot });
  return {
    plugin,
    method,
    target: `/execute/${plugin}/${tool}`,
    headers: headersOf('', conversation, '', true),
    body: `${ids.slice(0, -1)},"parameters":${json}}`,
    identity: ['', conversation, ''],
  };
}

function planNative(plugin: string, tool: string, flags: CallFlags): PlannedCall | string {
  const { json, user = '', bot = '', conversation = '', method, path = `/${tool}` } = flags;
  if (!PATH.test(path))
    return '--path begins with a slash and is percent-encoded, such as /orders/17?all=true.';
  const hasBody = method === 'POST';
  if (!hasBody && json !== undefined) return 'A GET has no body: put the arguments into --path.';
  return {
    plugin,
    method,
    target: `/p/${plugin}${path}`,
    headers: headersOf(bot, conversation, user, hasBody),
    body: hasBody ? (json ?? '{}') : '',
    identity: [bot, conversation, user],
  };
}

function headersOf(
  bot: string,
  conversation: string,
  user: string,
  hasBody: boolean,
): Record<string, string> {
  return {
    ...(hasBody && { 'Content-Type': 'application/json' }),
    ...(bot !== '' && { 'X-Coze-Bot-Id': bot }),
    ...(conversation !== '' && { 'X-Coze-Conversation-Id': conversation }),
    ...(user !== '' && { 'X-Coze-User-Id': user }),
  };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
