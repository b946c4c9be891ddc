/** Why `ctx.coze` has no token for a call. */
import type { CozeAuthorizationError } from '../../src/plugin/plugin.ts';

type Code = CozeAuthorizationError['code'];

const SENTENCES: Readonly<Record<Code, string>> = {
  NOT_CONFIGURED: 'The server has no OAuth settings for Coze; set cozeClientId and cozeTokenKeys',
  NO_USER: 'The call names no user, so there is nobody in whose name Coze could be called',
  CONSENT_REQUIRED: 'The user has not given consent, or it has ended',
  UNAVAILABLE: 'No token can be had now, because Coze or the token store does not answer; try again later',
};

export class AuthorizationError extends Error implements CozeAuthorizationError {
  override readonly name = 'CozeAuthorizationError';
  readonly code: Code;
  readonly authorizeUrl: string | undefined;

  constructor(code: Code, authorizeUrl: string | undefined) {
    super(SENTENCES[code]);
    this.code = code;
    this.authorizeUrl = authorizeUrl;
  }
}
