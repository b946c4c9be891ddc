/** The smallest value that at least `fraction` (0 … 1) of all do not exceed. Leaves out NaN; NaN when none is left. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * fraction) - 1)] ?? Number.NaN;
}
