/**
 * HTML as a tagged template: every value is escaped, but for what is a piece of HTML itself. Safe in text and in quoted
 * attributes (https://html.spec.whatwg.org/#escapingString); not within script or style, of which a template has none.
 */

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A piece of HTML that `html` or `rawHtml` has made. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** `undefined` and the empty list stand for nothing. */
type Value = string | Html | undefined | readonly Html[];

export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const parts = strings.map((text, n) => text + show(values[n]));
  return new Html(parts.join(''));
}

function show(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return value.replaceAll(/[&<>"']/g, (sign) => ESCAPES[sign] ?? '');
  return value.map(show).join('');
}
