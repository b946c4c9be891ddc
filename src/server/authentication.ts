/** All that guards are made of. Loaded only where the settings ask for authentication. */
import { callbackGuard } from '../auth/digest-callback.ts';
import { makeGuard } from '../auth/make-guard.ts';
import { SharedAuth } from '../auth/shared.ts';
import type { AuthRule } from '../core/auth-rules.ts';
import type { Guard } from '../wire/guard.ts';

/** One for a server: what has been used for one plugin is used for all. */
export class Authentication {
  private readonly shared = new SharedAuth();

  /** `rules`: at least one. */
  guardOf(rules: readonly AuthRule[]): Guard {
    return makeGuard(rules, this.shared);
  }

  /** Of Coze's events, which have ids: by those a repetition is known, so it is not refused for its nonce. */
  guardOfEvents(token: string): Guard {
    return callbackGuard({ type: 'coze-callback', token }, this.shared, 'taken');
  }
}
