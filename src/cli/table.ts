/** Rows as aligned lines. */
import { stripVTControlCharacters } from 'node:util';

/** Cells may be coloured. The columns at `alignRight`, counted from 0, hold numbers. */
export function tableLines(
  rows: readonly (readonly string[])[],
  alignRight: ReadonlySet<number> = new Set(),
): string[] {
  const widths = new Map<number, number>();
  for (const [column, cell] of rows.flatMap((row) => [...row.entries()])) {
    widths.set(column, Math.max(widths.get(column) ?? 0, widthOf(cell)));
  }
  const padded = (cell: string, column: number): string => {
    const gap = ' '.repeat((widths.get(column) ?? 0) - widthOf(cell));
    return alignRight.has(column) ? gap + cell : cell + gap;
  };
  return rows.map((row) => row.map(padded).join('  ').trimEnd());
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
