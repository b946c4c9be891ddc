/** Tells a person at a terminal that something is still going on, and for how long. */
import { durationText } from './time-text.ts';

/** The part of `process.stderr` that is used. */
export interface Terminal {
  readonly isTTY: boolean;
  write(text: string): unknown;
}

/**
 * Writes a line such as `reloading … 3.0 s` again and again in place; what ends at once writes nothing. Call the
 * result when it is over: the line goes away.
 */
export function showProgress(what: string, terminal: Terminal, everyMs = 1000): () => void {
  if (!terminal.isTTY) return () => undefined;
  const started = performance.now();
  let line = '';
  // Without escape sequences, which some terminals do not know: spaces cover what was there.
  const replace = (text: string): void => {
    terminal.write(`\r${text.padEnd(line.length)}`);
    line = text;
  };
  const timer = setInterval(() => {
    replace(`${what} … ${durationText(performance.now() - started)}`);
  }, everyMs);
  return () => {
    clearInterval(timer);
    if (line === '') return;
    replace('');
    terminal.write('\r');
  };
}
