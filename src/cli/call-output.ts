/** How an answer is shown, and which exit code it means. What plugins say cannot command the terminal. */
import type { JsonObject } from '../twin/json.ts';
import { EXIT } from './exit-codes.ts';
import { onOneLine } from './plain-text.ts';

/** Data to standard output; an answer that says it is an error is the tool's refusal. */
export function printAnswer(answer: JsonObject): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (answer['status'] === 'error') process.exitCode = EXIT.refused;
}

export function printNotes(notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`note: ${onOneLine(note)}\n`);
}

/** A text of several lines, or a piece of one, without what a terminal would take for a command. */
export function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '');
}

/** Tells why there is nothing to print. */
export function fail(exitCode: number, text: string): void {
  process.stderr.write(`${printable(text)}\n`);
  process.exitCode = exitCode;
}
