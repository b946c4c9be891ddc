/**
 * One `ctx.fetch` from its start until the last byte of its answer. It is given up when the plugin's own signal aborts
 * or the call ends, and then leaves no listener behind: a plugin's signal may live as long as the thread.
 */
import type { Exchange } from './exchange.ts';

export class Attempt {
  private readonly controller = new AbortController();
  /** More than one for a moment when a redirect is followed. */
  private readonly exchanges = new Set<Exchange>();
  private readonly outer: AbortSignal | undefined;
  private readonly onDone: (attempt: Attempt) => void;
  private isSettled = false;
  private readonly follow = (): void => this.giveUp(this.outer?.reason);

  /** `outer`: the signal the plugin has passed; `onDone` is called once nothing of it is left. */
  constructor(outer: AbortSignal | undefined, onDone: (attempt: Attempt) => void) {
    this.outer = outer;
    this.onDone = onDone;
    if (outer?.aborted === true) this.follow();
    else outer?.addEventListener('abort', this.follow, { once: true });
  }

  /** For the built-in fetch. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  giveUp(reason: unknown): void {
    const exchanges = [...this.exchanges];
    for (const exchange of exchanges) exchange.giveUp(reason);
    // Now fetch rejects with the reason, and so does the reading of a body.
    this.controller.abort(reason);
    // What fetch has let go of by then, such as a redirect's own body.
    for (const exchange of exchanges) exchange.abort();
  }

  begin(exchange: Exchange): void {
    this.exchanges.add(exchange);
  }

  readonly end = (exchange: Exchange): void => {
    this.exchanges.delete(exchange);
    this.finishIfDone();
  };

  /** The promise of fetch has settled. */
  settled(): void {
    this.isSettled = true;
    this.finishIfDone();
  }

  private finishIfDone(): void {
    if (!this.isSettled || this.exchanges.size > 0) return;
    this.outer?.removeEventListener('abort', this.follow);
    this.onDone(this);
  }
}
