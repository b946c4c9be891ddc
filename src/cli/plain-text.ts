/** Words that are not ours, safe to show at a terminal. */
import { stripVTControlCharacters } from 'node:util';

/** Without colours and other commands for a terminal, on one line. */
export function onOneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim();
}
