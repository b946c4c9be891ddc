/** Findings as lines of text: place, rule, sentence. */
import { styleText } from 'node:util';
import type { Finding } from '../openapi/finding.ts';
import type { PlacedViolation } from '../openapi/lint/lint-text.ts';
import { onOneLine } from './plain-text.ts';

/** `tools.get.input.properties.day  rule 7  loss: has the format …` */
export function findingLine({ path, rule, severity, what }: Finding, stream: NodeJS.WritableStream): string {
  return line(path, rule, severity, what, stream);
}

/** `petstore.yaml:12:7  rule 8  error: …` */
export function violationLine(
  file: string,
  { line: row, column, rule, severity, what }: PlacedViolation,
  stream: NodeJS.WritableStream,
): string {
  return line(`${file}:${row}:${column}`, rule, severity, what, stream);
}

/** `rule`: undefined for what cannot even be read. The colour is left out where the stream is no terminal, or by NO_COLOR. */
export function line(
  place: string,
  rule: number | undefined,
  severity: 'loss' | 'error' | 'impossible',
  what: string,
  stream: NodeJS.WritableStream,
): string {
  const colour = severity === 'loss' ? 'yellow' : 'red';
  const named = rule === undefined ? 'unreadable' : `rule ${rule}`;
  return `${onOneLine(place)}  ${named}  ${styleText(colour, severity, { stream })}: ${onOneLine(what)}`;
}
