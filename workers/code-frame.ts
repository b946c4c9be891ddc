/**
 * A few lines of source with a caret, as plain text:
 *
 *     2 |   tools: {
 *   > 3 |     a: +* 1,
 *       |         ^
 *     4 |   },
 */

/** Lines shown before and after. */
const AROUND = 2;
/** Widest part of a line shown; of a minified file, the part around the caret. */
const WIDEST = 160;

/** `line` and `column` count from 1; '' when there is no such line. */
export function codeFrame(code: string, line: number, column: number | undefined): string {
  const lines = code.split(/\r?\n/);
  if (lines[line - 1] === undefined) return '';
  const first = Math.max(1, line - AROUND);
  const last = Math.min(lines.length, line + AROUND);
  const gutter = String(last).length;
  const start = Math.max(0, (column ?? 1) - WIDEST / 2);
  const frame: string[] = [];
  for (let number = first; number <= last; number++) {
    const text = (lines[number - 1] ?? '').slice(start, start + WIDEST);
    frame.push(`${number === line ? '>' : ' '} ${String(number).padStart(gutter)} | ${text}`.trimEnd());
    if (number !== line || column === undefined) continue;
    // Tabs stay tabs, so that the caret stands below its character.
    const before = text.slice(0, column - 1 - start).replaceAll(/[^\t]/g, ' ');
    frame.push(`  ${' '.repeat(gutter)} | ${before}^`);
  }
  return frame.join('\n');
}
