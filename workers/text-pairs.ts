/** The pairs of a query string: names and values in order, repeated names and all. */
import { percentDecoded } from '../src/wire/percent-decoded.ts';

export class TextPairs {
  private static readonly NONE = new TextPairs([]);
  private readonly pairs: readonly (readonly [string, string])[];

  private constructor(pairs: readonly (readonly [string, string])[]) {
    this.pairs = pairs;
  }

  /** Undefined: it is not percent-encoded UTF-8. */
  static parse(text: string): TextPairs | undefined {
    if (text === '') return TextPairs.NONE;
    const pairs: (readonly [string, string])[] = [];
    for (const part of text.split('&')) {
      if (part === '') continue;
      const equals = part.indexOf('=');
      const name = percentDecoded(equals === -1 ? part : part.slice(0, equals));
      const value = equals === -1 ? '' : percentDecoded(part.slice(equals + 1));
      if (name === undefined || value === undefined) return undefined;
      pairs.push([name, value]);
    }
    return new TextPairs(pairs);
  }

  /** Every value of a name, in order. */
  all(name: string): readonly string[] {
    return this.pairs.filter(([own]) => own === name).map(([, value]) => value);
  }
}
