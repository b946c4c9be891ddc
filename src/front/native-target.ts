/** What stands beside the body of a native call, as a context frame carries it: bytes of one character each, bounded. */
import { LONGEST_TARGET, type NativeTarget, NO_TARGET } from '../wire/context-frame.ts';
import type { Route } from './routes.ts';

/** What URLs may hold: anything else has to be percent-encoded. */
const PLAIN = /^[\x21-\x7e]*$/;

export const UNREADABLE_TARGET = `The query and the path must be percent-encoded and at most ${LONGEST_TARGET} bytes each.`;

/** Undefined: it cannot be carried. */
export function targetOf(
  { path }: Extract<Route, { readonly kind: 'native' }>,
  query: string,
): NativeTarget | undefined {
  if (query === '' && path === '') return NO_TARGET;
  return isPlain(query) && isPlain(path) ? { query, path } : undefined;
}

function isPlain(text: string): boolean {
  return text.length <= LONGEST_TARGET && PLAIN.test(text);
}
