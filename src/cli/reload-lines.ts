/**
 * What became of a reload, for people:
 *
 *   greet  3f2a91c0bb12 → 77aa02b1c9de  rolled in 412 ms
 *   greet  rejected in 88 ms  init failed at index.ts:3:8: The key is missing.
 *         2 |   tools: {
 *       > 3 |     a: +* 1,
 *           |         ^
 */
import { stripVTControlCharacters, styleText } from 'node:util';
import type { ActionReport, PluginChange, Problem } from '../reload/control.ts';
import { shortHash as shownOf } from '../reload/version-numbers.ts';
import { tableLines } from './table.ts';
import { durationText } from './time-text.ts';

/** Where a text will be written; it is coloured if that is a terminal and NO_COLOR is not set. */
export type Destination = NodeJS.WritableStream;

/** One line per plugin, and the code frame where there is one. Ends with a line break. */
export function reportText(report: ActionReport, stream: Destination): string {
  switch (report.outcome) {
    case 'rolled':
    case 'done': {
      const ending = `${styleText('green', report.outcome, { stream })} in ${durationText(report.ms)}`;
      if (report.changes.length === 0) return `${ending}\n`;
      const rows = report.changes.map((change) => [change.plugin, moveText(change), ending]);
      return lines(tableLines(rows));
    }
    case 'unchanged':
      return `unchanged, nothing new to put to work (${durationText(report.ms)})\n`;
    case 'rejected': {
      const ending = `${styleText('red', 'rejected', { stream })} in ${durationText(report.ms)}`;
      return report.problems
        .map((problem) => `${problem.plugin}  ${ending}  ${problemText(problem, stream)}`)
        .join('');
    }
    case 'rolled-back': {
      const ending = `${styleText('red', 'rolled back', { stream })} in ${durationText(report.ms)}`;
      return `${ending}, every worker runs the old code again: ${plain(report.reason)}\n`;
    }
    case 'refused':
      return `${styleText('red', 'refused', { stream })}: ${plain(report.reason)}\n`;
  }
}

/** What was wrong, where, and the code frame. Ends with a line break. */
export function problemText(
  { step, reason, file, line, column, frame }: Problem,
  stream: Destination,
): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const where = file === undefined ? '' : ` at ${styleText('cyan', place, { stream })}`;
  const sentence = `${step} failed${where}: ${plain(reason).replaceAll('\n', '\n    ')}`;
  return lines(frame === undefined ? [sentence] : [sentence, plain(frame).replaceAll(/^/gm, '    ')]);
}

/** A content hash as far as people need it. */
export function shortHash(hash: string | undefined): string | undefined {
  return hash === undefined ? undefined : shownOf(hash);
}

function moveText({ from, to }: PluginChange): string {
  if (from === to) return shortHash(to) ?? '-';
  return `${shortHash(from) ?? 'none'} → ${shortHash(to) ?? 'none'}`;
}

/** A plugin's own words may hold colours and other commands for a terminal. */
function plain(text: string): string {
  return stripVTControlCharacters(text).trimEnd();
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
