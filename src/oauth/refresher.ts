/**
 * Fresh tokens. Each refresh kills the refresh token it uses, so there must be exactly one: in this process by a shared flight per
 * user, across processes by a lease in the store.
 *
 *   read ─┬─ fresh ──────────────────────────────► token
 *         ├─ none, ended ────────────────────────► consent
 *         └─ stale ─► lease ─┬─ taken ─► wait ─► read again
 *                            └─ ours ─► read again ─► Coze ─┬─ tokens ─► store ─► token
 *                                                           ├─ over ─► mark as ended ─► consent
 *                                                           └─ failed ─► the old token while it lasts
 *
 * A new pair is in the store before anyone gets it, and takes only the place of the very grant it was made from: whoever
 * comes late (a new consent, a lease that ran out) writes nothing, and reads again. Taking the lease writes to the store, so one
 * that is down, full or read-only is found out before Coze is asked, not after.
 *
 * What remains: a process that dies after Coze has answered and before the store has taken the pair, or a Coze whose answer is
 * lost on the way. The pair is gone and the one before it is dead; the user has to consent again.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../core/log.ts';
import { type Grants, type HeldGrant, type LiveGrant, liveGrant } from './grant.ts';
import type { Provider } from './provider.ts';
import type { TokenStore } from './store.ts';
import { LAST_USE_MS, MARGIN_MS, type Timing } from './timing.ts';
import type { Access } from './token-service.ts';
import type { Tokens } from './tokens.ts';
import { Unavailable } from './unavailable.ts';
import { within } from './within.ts';

export interface RefresherOptions {
  readonly store: TokenStore;
  readonly grants: Grants;
  readonly provider: Provider;
  readonly timing: Timing;
  readonly now: () => number;
  readonly log: Log;
}

/** The grant is another one by now. */
const CHANGED = Symbol('changed');

export class Refresher {
  readonly #options: RefresherOptions;
  readonly #flights = new Map<string, Promise<Access>>();
  #closing = false;

  constructor(options: RefresherOptions) {
    this.#options = options;
  }

  /** Rejects with `Unavailable`. */
  async access(user: string, signal: AbortSignal | undefined): Promise<Access> {
    const { grants, timing } = this.#options;
    const ready = this.#ready(await grants.read(user));
    if (ready.kind !== 'stale') return ready;
    const access = await within(this.#flight(user), timing.waitMs, signal);
    return access ?? this.#oldToken(ready.grant, new Unavailable('TOO_LATE'));
  }

  /** Waits for the refreshes under way, at most `closeMs`. None begins any more. */
  async close(): Promise<void> {
    this.#closing = true;
    await within(Promise.allSettled(this.#flights.values()), this.#options.timing.closeMs);
  }

  #flight(user: string): Promise<Access> {
    const running = this.#flights.get(user);
    if (running !== undefined) return running;
    const flight = this.#refreshed(user).finally(() => this.#flights.delete(user));
    this.#flights.set(user, flight);
    // Those who waited may all have left.
    flight.catch(() => undefined);
    return flight;
  }

  async #refreshed(user: string): Promise<Access> {
    const { store, grants, timing } = this.#options;
    const until = performance.now() + timing.waitMs;
    for (;;) {
      const ready = this.#ready(await grants.read(user));
      if (ready.kind !== 'stale') return ready;
      if (this.#closing) throw new Unavailable('CLOSED');
      if (performance.now() > until) return this.#oldToken(ready.grant, new Unavailable('TOO_LATE'));
      const holder = randomUUID();
      const began = performance.now();
      if (await store.acquireLease(grants.subject(user), holder, timing.leaseMs)) {
        const access = await this.#withLease(user, began).finally(() => this.#release(user, holder));
        if (access !== CHANGED) return access;
      } else await wait(timing.pollMs * (0.5 + Math.random()));
    }
  }

  /** `began`: before the lease was asked for. */
  async #withLease(user: string, began: number): Promise<Access | typeof CHANGED> {
    const { store, grants, provider, timing, now, log } = this.#options;
    const held = await grants.read(user);
    const ready = this.#ready(held);
    if (ready.kind !== 'stale' || held === undefined) return CHANGED;
    // This process was kept from running: the lease might end while Coze answers.
    if (performance.now() - began > timing.leaseMs / 2) return CHANGED;
    const answer = await provider.refresh(ready.grant.refresh);
    switch (answer.kind) {
      case 'tokens':
        return this.#stored(user, held, ready.grant, answer.tokens, began + timing.leaseMs);
      case 'over': {
        log.info('A user has to consent again: Coze no longer takes the grant.', {
          user,
          detail: answer.detail,
        });
        const ended = grants.seal(user, { state: 'ended', endedAt: now() });
        const marked = await store.replaceGrant(grants.subject(user), held.sealed, ended);
        return marked ? { kind: 'consent-required', why: 'ended' } : CHANGED;
      }
      case 'unknown':
        return this.#oldToken(ready.grant, new Unavailable('PROVIDER_REFUSED', answer.detail));
      case 'failed':
        return this.#oldToken(ready.grant, answer.failure);
    }
  }

  /** The pair exists nowhere else: the store is asked again and again while the lease lasts. */
  async #stored(
    user: string,
    held: HeldGrant,
    before: LiveGrant,
    tokens: Tokens,
    until: number,
  ): Promise<Access | typeof CHANGED> {
    const { store, grants, now, log } = this.#options;
    const grant = liveGrant(tokens, now(), before) ?? before;
    const sealed = grants.seal(user, grant);
    let expected = held.sealed;
    for (let pause = 50; ; ) {
      try {
        if (await store.replaceGrant(grants.subject(user), expected, sealed)) return tokenOf(grant);
        // Whoever came after the lease ran out has found the refresh token used up: by us. The pair may still be good.
        const other = await grants.read(user);
        if (other?.grant.state !== 'ended') return CHANGED;
        expected = other.sealed;
      } catch (error) {
        if (!(error instanceof Unavailable) || error.code === 'CLOSED' || performance.now() + pause > until) {
          log.error('A refreshed token could not be stored: the user has to consent again.', { user, error });
          throw error;
        }
        await wait(pause);
        pause = Math.min(2 * pause, 1000);
      }
    }
  }

  async #release(user: string, holder: string): Promise<void> {
    const { store, grants } = this.#options;
    // It ends by itself.
    await store.releaseLease(grants.subject(user), holder).catch(() => undefined);
  }

  #ready(
    held: HeldGrant | undefined,
  ): Exclude<Access, { kind: 'unavailable' }> | { readonly kind: 'stale'; readonly grant: LiveGrant } {
    if (held === undefined) return { kind: 'consent-required', why: 'never' };
    const { grant } = held;
    if (grant.state === 'ended') return { kind: 'consent-required', why: 'ended' };
    const margin = Math.min(MARGIN_MS, (grant.expiresAt - grant.refreshedAt) / 4);
    return grant.expiresAt - this.#options.now() > margin ? tokenOf(grant) : { kind: 'stale', grant };
  }

  #oldToken(grant: LiveGrant, failure: Unavailable): Access {
    if (grant.expiresAt - this.#options.now() > LAST_USE_MS) return tokenOf(grant);
    this.#options.log.warn('A token could not be refreshed.', {
      code: failure.code,
      reason: failure.message,
    });
    throw failure;
  }
}

function tokenOf(grant: LiveGrant): Extract<Access, { kind: 'token' }> {
  return { kind: 'token', value: grant.access, expiresAt: grant.expiresAt };
}
