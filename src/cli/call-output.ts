/** How an answer is shown, and which exit code it means. */
import type { JsonObject } from '../twin/json.ts';
import { EXIT } from './exit-codes.ts';

/** Data to standard output; an answer that says it is an error is the tool's refusal. */
export function printAnswer(answer: JsonObject): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (answer['status'] === 'error') process.exitCode = EXIT.refused;
}

export function printNotes(notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
}
