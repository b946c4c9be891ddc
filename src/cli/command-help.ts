/** The end of a command's help: examples, notes, and what the exit codes mean. */
import { exitCodeHelp } from './exit-codes.ts';

type Example = readonly [line: string, meaning: string];

export function help(...examples: readonly Example[]): string {
  return helpWith([], ...examples);
}

/** `notes`: what else there is to know, one paragraph each, in lines that fit a terminal. */
export function helpWith(notes: readonly string[], ...examples: readonly Example[]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, meaning]) => `  ${line.padEnd(width)}    ${meaning}`);
  const said = notes.flatMap((note) => [note, '']);
  return ['', ...said, 'Examples:', ...lines, '', exitCodeHelp(), ''].join('\n');
}
