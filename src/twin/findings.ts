/** What is wrong with a document, by the rules it has to keep to be imported. */

/**
 * 1 document, info and server · 2 operations · 3 request body · 4 parameters · 5 responses · 6 one type for each schema ·
 * 7 formats and files · 8 keywords · 9 unknown keys · 10 objects list their properties.
 */
export type Rule = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

export interface Problem {
  readonly rule: Rule;
  /** JSON pointer as a fragment: `#/paths/~1get/post`. */
  readonly place: string;
  readonly reason: string;
}

export class Findings {
  private readonly found: Problem[] = [];

  get problems(): readonly Problem[] {
    return this.found;
  }

  add(rule: Rule, place: string, reason: string): void {
    this.found.push({ rule, place, reason });
  }
}

/** The place of a member: keys of one step each. */
export function below(place: string, ...keys: readonly (string | number)[]): string {
  const steps = keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return place + steps.join('');
}
