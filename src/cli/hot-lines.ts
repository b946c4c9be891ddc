/** The hottest functions as a table, each with the place where it is written. */
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import type { HotFunction } from '../insight/hottest.ts';
import { onOneLine } from './plain-text.ts';
import type { Destination } from './reload-lines.ts';
import { tableLines } from './table.ts';

/** Paths below `folder` are shown from there on. */
export function hotLines(functions: readonly HotFunction[], folder: string, stream: Destination): string[] {
  if (functions.length === 0) return ['The thread was idle all the time.'];
  const rows = functions.map(({ name, url, line, share }) => [
    `${(share * 100).toFixed(1)} %`,
    onOneLine(name),
    onOneLine(placeOf(url, line, folder)),
  ]);
  const [head = '', ...lines] = tableLines([['share', 'function', 'where'], ...rows], new Set([0]));
  return [styleText('bold', head, { stream }), ...lines];
}

function placeOf(url: string, line: number | undefined, folder: string): string {
  if (url === '') return '';
  const path = pathOf(url);
  const below = relative(folder, path);
  const shown = path.startsWith('/') && !below.startsWith('..') ? below : path;
  return line === undefined ? shown : `${shown}:${line}`;
}

/** Not every URL of a file on the server's machine is one of a file here. */
function pathOf(url: string): string {
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}
