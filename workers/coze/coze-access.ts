/**
 * How the calls of this thread reach Coze's API. The tokens are kept elsewhere; this thread asks for one when a plugin needs it.
 */
import type { CallContext, CozeClient } from '../../src/plugin/plugin.ts';
import { AuthorizationError } from './authorization-error.ts';

/** The call that a client is made for. */
export interface CozeCaller {
  readonly userId: string | undefined;
  readonly fetch: CallContext['fetch'];
}

export class CozeAccess {
  /** The `ctx.coze` of one call. */
  clientOf(_call: CozeCaller): CozeClient {
    return {
      authorizeUrl: undefined,
      fetch: () => Promise.reject(new AuthorizationError('NOT_CONFIGURED', undefined)),
    };
  }
}
