/**
 * Who may call. The front asks before a call takes a place; what the rules are is the guard's own matter.
 *
 *   head ─► judge ─┬─ admitted
 *                  ├─ refused: 401, the reason for the log only
 *                  └─ undecided until the body is whole ─► decide(body) ─► admitted | refused
 */

/** A request's head as it came. */
export interface GuardedHead {
  /** In capitals. */
  readonly method: string;
  /** Path and query as received, for example `/p/weather/current?units=metric`. */
  readonly target: string;
  /** Every value of a header in the order received; the name in lower case. Only headers the guard has named. */
  values(header: string): readonly string[];
}

/** `reason` is for the log: it never says more than what is wrong, and holds nothing of the request's secrets. */
export type Decision = { readonly kind: 'admitted' } | { readonly kind: 'refused'; readonly reason: string };

export type Judgement =
  | Decision
  /** The body decides. `decide` is called at most once, with the body as received. */
  | { readonly kind: 'undecided'; readonly decide: (body: Uint8Array) => Decision };

export interface Guard {
  /** The headers it reads, in lower case. */
  readonly headers: ReadonlySet<string>;
  /** Must be called once for each request, and takes some microseconds at most. */
  judge(head: GuardedHead): Judgement;
}
