/**
 * A terminal that shows one text in place. It has a page of its own meanwhile, so that what was there before is there
 * again afterwards; lines are written over, never cleared first, so nothing flickers.
 */

/** The part of `process.stdout` that is used. */
export interface ScreenStream {
  readonly columns: number;
  readonly rows: number;
  write(text: string): unknown;
}

const ESCAPE = '\u001b[';
const OWN_PAGE = `${ESCAPE}?1049h${ESCAPE}?25l`;
const FORMER_PAGE = `${ESCAPE}?25h${ESCAPE}?1049l`;
const HOME = `${ESCAPE}H`;
const END_LINE = `${ESCAPE}0m${ESCAPE}K`;
const END_PAGE = `${ESCAPE}J`;

export class Screen implements Disposable {
  private readonly stream: ScreenStream;
  private isOpen = true;

  /** Takes the terminal over; it must be disposed of whatever happens. */
  constructor(stream: ScreenStream) {
    this.stream = stream;
    stream.write(OWN_PAGE);
  }

  /** Lines that do not fit are cut. */
  draw(lines: readonly string[]): void {
    if (!this.isOpen) return;
    const { columns, rows } = sizeOf(this.stream);
    const shown = lines.slice(0, rows).map((line) => cut(line, columns) + END_LINE);
    this.stream.write(HOME + shown.join('\r\n') + END_PAGE);
  }

  /** Gives the terminal back as it was. */
  [Symbol.dispose](): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.stream.write(FORMER_PAGE);
  }
}

/** Some terminals do not know their size and say 0. */
export function sizeOf({ columns, rows }: Pick<ScreenStream, 'columns' | 'rows'>): {
  columns: number;
  rows: number;
} {
  return { columns: columns || 80, rows: rows || 24 };
}

/** At most `width` characters are seen of it; colours take no room. */
export function cut(line: string, width: number): string {
  let left = width;
  return line.replaceAll(COLOUR_OR_WORDS, (_all, colour?: string, words = '') => {
    if (colour !== undefined) return colour;
    const part = [...words].slice(0, left);
    left -= part.length;
    return part.join('');
  });
}

const COLOUR_OR_WORDS = /(\p{Cc}\[[\d;]*m)|(\P{Cc}+)/gu;
