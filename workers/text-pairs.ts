/** The pairs of a query string: names and values in order, repeated names and all. */

export class TextPairs {
  private static readonly NONE = new TextPairs([]);
  private readonly pairs: readonly (readonly [string, string])[];

  private constructor(pairs: readonly (readonly [string, string])[]) {
    this.pairs = pairs;
  }

  /** Undefined: it is not percent-encoded UTF-8. A plus sign is a blank, as forms write it. */
  static parse(text: string): TextPairs | undefined {
    if (text === '') return TextPairs.NONE;
    const pairs: (readonly [string, string])[] = [];
    try {
      for (const part of text.split('&')) {
        if (part === '') continue;
        const equals = part.indexOf('=');
        const name = equals === -1 ? part : part.slice(0, equals);
        pairs.push([decoded(name), equals === -1 ? '' : decoded(part.slice(equals + 1))]);
      }
    } catch (error) {
      if (error instanceof URIError) return undefined;
      throw error;
    }
    return new TextPairs(pairs);
  }

  /** Every value of a name, in order. */
  all(name: string): readonly string[] {
    return this.pairs.filter(([own]) => own === name).map(([, value]) => value);
  }
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
