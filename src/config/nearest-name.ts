/** Guesses which known name a misspelt one stands for. */

/** The sentence to add to a complaint about `word`; empty when no known name is close. */
export function didYouMean(word: string, known: Iterable<string>): string {
  let nearest = '';
  // A third of the letters may be wrong; beyond that the guess says more about us than about the reader.
  let least = Math.floor(word.length / 3) + 1;
  for (const name of known) {
    const edits = editDistance(word.toLowerCase(), name.toLowerCase());
    if (edits < least) {
      least = edits;
      nearest = name;
    }
  }
  return nearest === '' ? '' : `; did you mean ${nearest}?`;
}

/** Levenshtein distance: the fewest insertions, deletions and replacements that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  // row[j]: distance from the letters of `a` seen so far to the first j letters of `b`.
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(row, j - 1) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, at(row, j) + 1, at(next, j - 1) + 1));
    }
    row = next;
  }
  return at(row, b.length);
}

/** Beyond the edge everything is infinitely far. */
function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
