/** Requests as a front hands them to a guard, and a clock that stands still. */

import * as fc from 'fast-check';
import { makeGuard } from '../../src/auth/make-guard.ts';
import { SharedAuth } from '../../src/auth/shared.ts';
import type { AuthRule } from '../../src/core/auth-rules.ts';
import type { Decision, Guard } from '../../src/wire/guard.ts';

/** Unix seconds at which the clock stands. */
export const NOW = 1_785_000_000;

export interface Request {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array;
}

/** A clock to be moved by hand. */
export class HandClock {
  unix = NOW;
  steady = 0;

  unixS(): number {
    return this.unix;
  }

  steadyS(): number {
    return this.steady;
  }
}

/** A guard with nothing used before. */
export function freshGuard(rules: readonly AuthRule[], clock = new HandClock()): Guard {
  return makeGuard(rules, new SharedAuth(clock));
}

/** Asks as a front does. A header that the guard has not named is an error: a front would not have kept it. */
export function ask(guard: Guard, { method, target, headers, body }: Request): Decision {
  const judgement = guard.judge({
    method,
    target,
    values(header) {
      if (!guard.headers.has(header)) throw new Error(`the guard has not named ${header}`);
      return headers.filter(([name]) => name.toLowerCase() === header).map(([, value]) => value);
    },
  });
  return judgement.kind === 'undecided' ? judgement.decide(Buffer.from(body)) : judgement;
}

/** `admitted`, or the reason. */
export function outcome(guard: Guard, request: Request): string {
  const decision = ask(guard, request);
  return decision.kind === 'admitted' ? 'admitted' : decision.reason;
}

/** A call without anything that proves it. */
export const BARE: Request = { method: 'POST', target: '/p/weather/current', headers: [], body: '{}' };

/** Where a byte is changed, and by what. */
export const changedByte = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));

/** `bytes` with one of them changed. */
export function changed(bytes: Uint8Array, [at, by]: readonly [number, number]): Buffer {
  const copy = Buffer.from(bytes);
  const index = at % copy.length;
  copy[index] = (copy[index] ?? 0) ^ by;
  return copy;
}
