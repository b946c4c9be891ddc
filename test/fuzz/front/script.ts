/**
 * What one connection sends, and what may come back. Plain data, so that a script can be written to a file and
 * played again.
 */
import type { ErrorCode } from '../../../src/core/errors.ts';

export interface Script {
  /** Twelve digits and small letters that stand in everything it sends and in nothing others send. */
  readonly id: string;
  readonly turns: readonly Turn[];
  /** What the client does behind the last byte: wait for what is expected, end its side, or reset the connection. */
  readonly ending: 'wait' | 'half-close' | 'reset';
}

/** Sent in one go; the next turn begins when what this one expects has come. */
export interface Turn {
  /** One character a byte. */
  readonly bytes: string;
  /** Where the bytes are cut into pieces, ascending. */
  readonly cuts: readonly number[];
  /** Milliseconds between two pieces. */
  readonly pauseMs: number;
  readonly expects: Expectation;
}

export type Expectation =
  /** All of these, in this order; `closes`: and then the end of the connection. */
  | { readonly kind: 'answers'; readonly answers: readonly ExpectedAnswer[]; readonly closes: boolean }
  /** The first ones of these, perhaps none, and the end of the connection unless it was all of them. */
  | { readonly kind: 'some'; readonly answers: readonly ExpectedAnswer[] }
  /** One answer with one of these statuses and the end of the connection; `silently`: perhaps its end alone. */
  | { readonly kind: 'refusal'; readonly statuses: readonly number[]; readonly silently: boolean }
  /** Whatever HTTP allows, but nothing that belongs to others. */
  | { readonly kind: 'legal' };

export interface ExpectedAnswer {
  readonly status: number;
  /** The very text. */
  readonly body?: string;
  /** The row of the error table. */
  readonly code?: ErrorCode;
  /** The id that was sent; undefined: the server makes one. */
  readonly requestId?: string;
  /** The answer to HEAD: a length without a body. */
  readonly isHead?: boolean;
}

/** Which answers of a script have no body, counted from 0; undefined: damaged bytes may ask for that anywhere. */
export function headsOf({ turns }: Script): ReadonlySet<number> | undefined {
  const heads = new Set<number>();
  let count = 0;
  for (const { expects, bytes } of turns) {
    if (expects.kind === 'legal' && /head/i.test(bytes)) return undefined;
    if (expects.kind !== 'answers' && expects.kind !== 'some') continue;
    for (const { isHead } of expects.answers) {
      if (isHead === true) heads.add(count);
      count++;
    }
  }
  return heads;
}
