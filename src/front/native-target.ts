/** What stands beside the body of a native call, as a context frame carries it: bytes of one character each, bounded. */
import { LONGEST_TARGET, type NativeTarget, NO_TARGET } from '../wire/context-frame.ts';
import { percentDecoded } from '../wire/percent-decoded.ts';
import type { Route } from './routes.ts';

/** What URLs may hold: anything else has to be percent-encoded. */
const PLAIN = /^[\x21-\x7e]*$/;

export const UNREADABLE_TARGET = `The query and the path must be percent-encoded and at most ${LONGEST_TARGET} bytes each.`;

/**
 * Undefined: it cannot be carried. Of the query only what the tool takes: the rest may be a token, which is none of its
 * business.
 */
export function targetOf(
  { tool, path }: Extract<Route, { readonly kind: 'native' }>,
  query: string,
): NativeTarget | undefined {
  if (query === '' && path === '') return NO_TARGET;
  if (!isPlain(query) || !isPlain(path)) return undefined;
  return { query: declaredOf(query, tool.native?.queryArguments ?? []), path };
}

function declaredOf(query: string, names: readonly string[]): string {
  if (query === '' || names.length === 0) return '';
  const isDeclared = (pair: string): boolean => {
    const name = pair.split('=', 1)[0] ?? '';
    return names.includes(percentDecoded(name) ?? name);
  };
  return query.split('&').filter(isDeclared).join('&');
}

function isPlain(text: string): boolean {
  return text.length <= LONGEST_TARGET && PLAIN.test(text);
}
