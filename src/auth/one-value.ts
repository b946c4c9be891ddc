/** Reads headers that must be there exactly once. */
import type { GuardedHead } from '../wire/guard.ts';

/** The value, or why there is none. An empty one is missing: so arrive optional headers that nobody has filled in. */
export type OneValue =
  | { readonly kind: 'one'; readonly value: string }
  | { readonly kind: 'none'; readonly reason: string };

export function oneValue(head: GuardedHead, header: string): OneValue {
  const values = head.values(header);
  const [value = ''] = values;
  if (values.length > 1) return { kind: 'none', reason: `${header} comes more than once` };
  return value === '' ? { kind: 'none', reason: `${header} is missing` } : { kind: 'one', value };
}
