/** The kept versions of a plugin as a table, in the order they come. */
import { styleText } from 'node:util';
import type { VersionView } from '../reload/control.ts';
import { type Destination, shortHash } from './reload-lines.ts';
import { tableLines } from './table.ts';
import { ageText } from './time-text.ts';

/** `now` is in ms as `Date.now()`. Ends with a line break. */
export function versionTable(versions: readonly VersionView[], now: number, stream: Destination): string {
  const rows = versions.map((kept) => [
    shortHash(kept.hash) ?? '-',
    kept.version ?? '-',
    `${ageText(kept.keptAt, now)} ago`,
    kept.active ? styleText('green', 'serves', { stream }) : kept.good ? 'has served' : 'not proven',
  ]);
  const [head = '', ...lines] = tableLines([['hash', 'version', 'kept', 'service'], ...rows]);
  return [styleText('bold', head, { stream }), ...lines, ''].join('\n');
}
