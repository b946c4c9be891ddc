/** The plugins as a table, with what there is to say about one below its row. */
import { styleText } from 'node:util';
import type { PluginView } from '../reload/control.ts';
import { type Destination, problemText, shortHash } from './reload-lines.ts';
import { tableLines } from './table.ts';
import { ageText } from './time-text.ts';

const HEAD = ['plugin', 'state', 'version', 'hash', 'since', 'calls', 'errors'] as const;
const NUMBERS: ReadonlySet<number> = new Set([HEAD.indexOf('calls'), HEAD.indexOf('errors')]);

const COLOUR = {
  REGISTERED: 'gray',
  LOADING: 'yellow',
  ACTIVE: 'green',
  INACTIVE: 'yellow',
  UNLOADING: 'yellow',
  UNLOADED: 'gray',
  FAILED: 'red',
} as const satisfies Record<PluginView['state'], string>;

/** `now` is in ms as `Date.now()`. Ends with a line break. */
export function pluginTable(plugins: readonly PluginView[], now: number, stream: Destination): string {
  const rows = plugins.map(({ name, state, version, hash, since, calls, errors }) => [
    name,
    styleText(COLOUR[state], state, { stream }),
    version ?? '-',
    shortHash(hash) ?? '-',
    ageText(since, now),
    String(calls),
    String(errors),
  ]);
  const [head = '', ...lines] = tableLines([HEAD, ...rows], NUMBERS);
  const entries = plugins.map((plugin, index) => `${lines[index]}\n${notes(plugin, now, stream)}`);
  return `${styleText('bold', head, { stream })}\n${entries.join('')}`;
}

function notes({ pinned, rejected, circuits }: PluginView, now: number, stream: Destination): string {
  let text = '';
  for (const { tool, state, retryInMs } of circuits) {
    const label = styleText('red', `circuit ${state}`, { stream });
    const next = state === 'open' ? `; one is let through in ${Math.ceil(retryInMs / 1000)} s` : '';
    text += `  ${label}: most calls of ${tool} failed, so they are refused${next}\n`;
  }
  if (pinned) text += '  pinned by a rollback: what is in its folder is not served until that changes\n';
  if (rejected !== undefined) {
    const { hash, since, problem } = rejected;
    const label = styleText('red', 'rejected', { stream });
    text += `  ${label} ${shortHash(hash)}, ${ageText(since, now)} ago: ${problemText(problem, stream)}`;
  }
  return text;
}
