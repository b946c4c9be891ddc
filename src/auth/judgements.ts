/** The answers of guards that are always the same. */
import type { Decision } from '../wire/guard.ts';

export const ADMITTED = { kind: 'admitted' } as const satisfies Decision;

export function refused(reason: string): Extract<Decision, { kind: 'refused' }> {
  return { kind: 'refused', reason };
}
