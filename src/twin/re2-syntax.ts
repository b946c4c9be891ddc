/**
 * Whether Coze can compile a pattern: it is written in Go, whose regular expressions are RE2's
 * (https://github.com/google/re2/wiki/Syntax). Knows what JavaScript has and RE2 lacks.
 */

/** RE2 refuses to repeat more often. */
const MOST_REPEATS = 1000;

const ESCAPES =
  /^(?:[dDsSwWbBAzaftnrv]|[!-/:-@[-`{-~]|x[0-9A-Fa-f]{2}|x\{[0-9A-Fa-f]+\}|u[0-9A-F]{4}|0[0-7]*)/;
const PROPERTY = /^[pP](?:[A-Z]|\{\^?[A-Za-z_]+\})/;

/** Undefined: it can. */
export function whyNotRe2(pattern: string): string | undefined {
  if (!isPattern(pattern)) return 'is no regular expression';
  let inClass = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const rest = pattern.slice(at);
    if (rest.startsWith('\\')) {
      const length = escapeLength(rest.slice(1));
      if (length === undefined) return unknownEscape(rest);
      at += length;
    } else if (inClass) {
      if (rest.startsWith(']')) inClass = false;
    } else if (rest.startsWith('[')) {
      if (/^\[\^?\]/.test(rest)) return 'has an empty class, which RE2 does not know';
      inClass = true;
    } else if (/^\(\?(?:=|!|<=|<!)/.test(rest)) return 'looks ahead or behind, which RE2 does not do';
    const repeat = inClass ? undefined : /^\{(\d+)(?:,(\d*))?\}/.exec(rest);
    if (repeat && Math.max(Number(repeat[1]), Number(repeat[2] || 0)) > MOST_REPEATS) {
      return `repeats more than ${MOST_REPEATS} times`;
    }
  }
  return undefined;
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

/** Of what follows the backslash; undefined: RE2 does not know it. */
function escapeLength(text: string): number | undefined {
  return (ESCAPES.exec(text) ?? PROPERTY.exec(text))?.[0].length;
}

function unknownEscape(text: string): string {
  if (/^\\(?:[1-9]|k<)/.test(text)) return 'refers back to a group, which RE2 does not do';
  return `has ${text.slice(0, 2)}, which RE2 does not know`;
}
