/** Checks a document as it stands in a file: what is wrong, and on which line. */
import type { Violation } from '../finding.ts';
import { checkDocument } from './check-document.ts';
import { type Position, readSource } from './read-source.ts';

export interface PlacedViolation extends Position, Omit<Violation, 'rule'> {
  /** Undefined: it is no document at all, because the text cannot be read. */
  readonly rule: Violation['rule'] | undefined;
}

/** `text`: YAML or JSON. Sorted by place. */
export function lintText(text: string): readonly PlacedViolation[] {
  const source = readSource(text);
  if (source.kind === 'broken')
    return source.problems.map((problem) => ({ ...problem, path: [], rule: undefined, severity: 'error' }));
  try {
    const placed = checkDocument(source.value).map(({ path, rule, severity, what }) => {
      const { line, column } = source.locate(path);
      return { line, column, path, rule, severity, what };
    });
    return placed.toSorted((a, b) => a.line - b.line || a.column - b.column);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const what = 'nests too deep to be checked';
    return [{ line: 1, column: 1, path: [], rule: undefined, severity: 'error', what }];
  }
}
