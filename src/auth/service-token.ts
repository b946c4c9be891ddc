/** Admits calls that bring a token, as it is, in a header or in the query. */
import { timingSafeEqual } from 'node:crypto';
import type { ServiceTokenRule } from '../core/auth-rules.ts';
import type { Guard, GuardedHead } from '../wire/guard.ts';
import { digest } from './digest.ts';
import { ADMITTED, refused } from './judgements.ts';

const MISSING = refused('there is no token');
const SEVERAL = refused('there is more than one token');
const WRONG = refused('the token is wrong');

export function serviceTokenGuard({ name, place, tokens }: ServiceTokenRule): Guard {
  const header = name.toLowerCase();
  // Digests are compared: they are of equal length, and say nothing of how much of a token was right.
  const valid = tokens.map((token) => digest('sha256', token));
  const presented = (head: GuardedHead): readonly string[] => [
    ...(place === 'query' ? [] : head.values(header)),
    ...(place === 'header' ? [] : queryValues(head.target, name)),
  ];
  return {
    headers: new Set(place === 'query' ? [] : [header]),
    judge(head) {
      const [token, another] = presented(head);
      if (token === undefined || token === '') return MISSING;
      if (another !== undefined) return SEVERAL;
      const given = digest('sha256', token);
      let isValid = false;
      // All of them, so that the time does not tell which one it was.
      for (const one of valid) isValid = timingSafeEqual(given, one) || isValid;
      return isValid ? ADMITTED : WRONG;
    },
  };
}

/** What the query says under this name, decoded. */
function queryValues(target: string, name: string): readonly string[] {
  const start = target.indexOf('?');
  return start === -1 ? [] : new URLSearchParams(target.slice(start)).getAll(name);
}
