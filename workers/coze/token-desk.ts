/**
 * Where a worker gets tokens from. Calls that want the token of the same user at the same time ask once.
 *
 * A token is kept for a moment: a chat turn often calls Coze several times.
 */
import type { TokenAnswer } from '../../src/wire/coze-token.ts';

/** Sends a question to the main thread; its answer comes to `receive` under the same number. */
export type Ask = (question: number, user: string) => void;

/** How long a token is kept, in ms. */
const KEPT_FOR = 5000;
/** So long before its end a token is not used any more, in ms: the request has to arrive. */
const MARGIN = 10_000;
/** Users whose tokens are kept at once. */
const MOST_KEPT = 1000;

interface Kept {
  readonly answer: TokenAnswer & { readonly kind: 'token' };
  /** By Date.now(). */
  readonly until: number;
}

/** Its fields are private in the language's own way, because they hold secrets: nothing that prints a context shows them. */
export class TokenDesk {
  readonly #ask: Ask;
  /** By user; the one kept last comes last. */
  readonly #kept = new Map<string, Kept>();
  /** By number. */
  readonly #open = new Map<number, (answer: TokenAnswer) => void>();
  /** By user: a question that has not been answered. */
  readonly #asked = new Map<string, Promise<TokenAnswer>>();
  #number = 0;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  token(user: string): Promise<TokenAnswer> {
    const kept = this.#kept.get(user);
    if (kept !== undefined && kept.until > Date.now()) return Promise.resolve(kept.answer);
    const asked = this.#asked.get(user);
    if (asked !== undefined) return asked;
    const question = this.#question(user).finally(() => this.#asked.delete(user));
    this.#asked.set(user, question);
    return question;
  }

  /** Coze has refused this token: whoever asks next is given what stands in the store by then. */
  drop(user: string, value: string): void {
    if (this.#kept.get(user)?.answer.value === value) this.#kept.delete(user);
  }

  /** An answer of the main thread. */
  receive(question: number, answer: TokenAnswer): void {
    this.#open.get(question)?.(answer);
    this.#open.delete(question);
  }

  async #question(user: string): Promise<TokenAnswer> {
    const number = ++this.#number;
    const answered = new Promise<TokenAnswer>((resolve) => this.#open.set(number, resolve));
    this.#ask(number, user);
    const answer = await answered;
    if (answer.kind === 'token') this.#keep(user, answer);
    return answer;
  }

  #keep(user: string, answer: Kept['answer']): void {
    const now = Date.now();
    for (const [other, { until }] of this.#kept) {
      if (this.#kept.size < MOST_KEPT && until > now) break;
      this.#kept.delete(other);
    }
    this.#kept.delete(user);
    this.#kept.set(user, { answer, until: Math.min(now + KEPT_FOR, answer.expiresAt - MARGIN) });
  }
}
