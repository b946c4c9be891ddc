/** One line of the log for a person at a terminal: `12:03:04.567 warn  message  key=value`. */
import { styleText } from 'node:util';

const COLOUR: Readonly<Record<string, 'gray' | 'green' | 'yellow' | 'red'>> = {
  debug: 'gray',
  info: 'green',
  warn: 'yellow',
  error: 'red',
};

/** `json` is a line as the log writes it. A stack goes on lines of its own. */
export function prettyLine(json: string): string {
  const { time, level, msg, error, ...fields }: Record<string, unknown> = JSON.parse(json);
  const name = String(level);
  const clock = String(time).slice('2026-01-01T'.length, -1);
  const facts = Object.entries(fields).map(
    ([key, value]) => `  ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const label = paint(COLOUR[name] ?? 'gray', name.padEnd(5));
  const stack = stackOf(error);
  return `${paint('gray', clock)} ${label} ${msg}${paint('gray', facts.join(''))}\n${stack}`;
}

function stackOf(error: unknown): string {
  if (error === undefined) return '';
  const text =
    typeof error === 'object' && error !== null && 'stack' in error
      ? String(error.stack)
      : JSON.stringify(error);
  return `${text.replace(/^/gm, '    ')}\n`;
}

/** styleText leaves out the colour when the stream is no terminal or NO_COLOR is set. */
function paint(colour: 'gray' | 'green' | 'yellow' | 'red', text: string): string {
  return styleText(colour, text, { stream: process.stderr });
}
