/** What a fuzzer reports. */
export interface Finding {
  /** The same for the same mistake: shrinking keeps to it. */
  readonly kind: string;
  /** What was seen. */
  readonly what: string;
  /** The smallest input that shows it, readable. */
  readonly input: string;
  /** A command that shows it again. */
  readonly reproduce: string;
}

/** The end of one fuzzer's run. */
export interface FuzzReport {
  readonly fuzzer: string;
  readonly seed: number;
  readonly seconds: number;
  /** Inputs tried, by what they were. */
  readonly tried: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

/** A report as lines to read. */
export function reportLines({ fuzzer, seed, seconds, tried, findings }: FuzzReport): string[] {
  const counts = Object.entries(tried).map(([what, count]) => `${count} ${what}`);
  return [
    `${fuzzer}: seed ${seed}, ${seconds.toFixed(1)} s, ${counts.join(', ') || 'nothing tried'}; ${
      findings.length === 0 ? 'nothing found' : `${findings.length} found`
    }`,
    ...findings.flatMap(({ kind, what, input, reproduce }) => [
      '',
      `  ${kind}: ${what}`,
      `  input      ${input}`,
      `  reproduce  ${reproduce}`,
    ]),
  ];
}
