/**
 * The `ctx.fetch` of one call: the built-in fetch, over the connections of this thread, and none of it outlives
 * the call.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { CallContext } from '../../src/plugin/plugin.ts';
import { Attempt } from './attempt.ts';
import { type Caller, withCaller } from './caller-headers.ts';
import type { PluginOutbound } from './outbound.ts';
import { HostRefused } from './outbound-error.ts';

/** A plugin may replace the global one; that is not asked then. */
const builtIn = globalThis.fetch;

export class CallFetches {
  readonly fetch: CallContext['fetch'] = (input, init) => this.start(this.outbound, input, init);
  private readonly caller: Caller;
  private readonly outbound: PluginOutbound;
  private readonly open = new Set<Attempt>();
  private over: { readonly reason: unknown } | undefined;

  constructor(caller: Caller, outbound: PluginOutbound) {
    this.caller = caller;
    this.outbound = outbound;
  }

  /** A `fetch` that ends with the same call, and may call what `outbound` may. */
  by(outbound: PluginOutbound): CallContext['fetch'] {
    return (input, init) => this.start(outbound, input, init);
  }

  /** The call is over: what is under way is given up, and nothing new begins. The first reason counts. */
  end(reason: unknown): void {
    if (this.over !== undefined) return;
    this.over = { reason };
    for (const attempt of this.open) attempt.giveUp(reason);
  }

  private async start(
    outbound: PluginOutbound,
    input: string | URL | Request,
    init: RequestInit = {},
  ): Promise<Response> {
    if (this.over !== undefined) throw this.over.reason;
    const request = input instanceof Request ? input : undefined;
    const signal = init.signal === undefined ? request?.signal : init.signal;
    const attempt = new Attempt(signal ?? undefined, (done) => this.open.delete(done));
    this.open.add(attempt);
    try {
      const network = await outbound.network();
      // A service may have closed a connection while this thread slept: it is told so before the connection is used.
      await turn();
      attempt.signal.throwIfAborted();
      const own: RequestInit = {
        ...init,
        headers: withCaller(new Headers(init.headers ?? request?.headers), this.caller, outbound.policy),
        signal: attempt.signal,
      };
      const dispatcher = network.dispatcherFor(outbound, attempt);
      // Typed apart: what fetch calls a dispatcher is that of its own, older undici.
      return await builtIn(input, Object.assign<RequestInit, object>(own, { dispatcher }));
    } catch (error) {
      // As the built-in fetch does: who aborts gets the reason back.
      attempt.signal.throwIfAborted();
      const cause = error instanceof Error ? error.cause : undefined;
      throw cause instanceof HostRefused ? cause : error;
    } finally {
      attempt.settled();
    }
  }
}
