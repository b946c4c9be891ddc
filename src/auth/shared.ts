/** What all guards of a server have in common: clocks, and the memory of what has been used. */
import { hash } from 'node:crypto';
import { type AuthClock, SYSTEM_CLOCK } from './clock.ts';
import { NonceStore } from './nonce-store.ts';

/**
 * Guards come and go with the plugins; a message that was used before stays used, and one that is good for several
 * plugins is used for all of them.
 */
export class SharedAuth {
  readonly clock: AuthClock;
  private readonly stores = new Map<string, NonceStore>();

  constructor(clock: AuthClock = SYSTEM_CLOCK) {
    this.clock = clock;
  }

  /**
   * The nonces used with one key, whichever rules have it. They are kept for twice the largest tolerance, which no clock's
   * mistake outlives.
   */
  noncesOf(scheme: string, key: string, toleranceS: number): NonceStore {
    const name = `${scheme} ${hash('sha256', key)}`;
    const store = this.stores.get(name) ?? new NonceStore(2 * toleranceS);
    store.keepFor(2 * toleranceS);
    this.stores.set(name, store);
    return store;
  }

  /** Undefined: it was new, and is used now. The reason for refusing it otherwise. */
  use(nonces: NonceStore, nonce: string): string | undefined {
    switch (nonces.insert(nonce, this.clock.steadyS())) {
      case 'new':
        return undefined;
      case 'used':
        return 'it has been used before';
      case 'full':
        return 'too many signed calls to remember: a shorter toleranceS makes room';
    }
  }
}
