/**
 * What hotlane's own signature is made over: these lines, joined by line feeds, none at the end.
 *
 *   COZE-PLUGIN-V1
 *   1785000000                                       t
 *   8fJ0vQ2yQmC1x7Zk4rTtUw                           n
 *   POST                                             method
 *   /p/weather/current?units=metric                  path and query, as in the request line
 *   x-coze-bot-id:73428668                           the three identity headers, empty when absent
 *   x-coze-conversation-id:
 *   x-coze-user-id:1001
 *   44136fa355b3678a1146ad16f7e8649e94fb4fc21fe7…    SHA-256 of the body, lower-case hex
 */
import { hash } from 'node:crypto';
import type { IdentityValues } from './signed-identity.ts';

export interface SignedRequest {
  /** Unix seconds, in digits. */
  readonly t: string;
  readonly nonce: string;
  /** In capitals. */
  readonly method: string;
  readonly target: string;
  readonly identity: IdentityValues;
  readonly body: Uint8Array;
}

const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Undefined when target or identity hold anything but printable ASCII: their bytes would depend on who reads them, and a line
 * feed could make one line into two.
 */
export function signedText({ t, nonce, method, target, identity, body }: SignedRequest): string | undefined {
  const [botId, conversationId, userId] = identity;
  if (!PLAIN.test(target) || !PLAIN.test(botId + conversationId + userId)) return undefined;
  return (
    `COZE-PLUGIN-V1\n${t}\n${nonce}\n${method}\n${target}\n` +
    `x-coze-bot-id:${botId}\nx-coze-conversation-id:${conversationId}\nx-coze-user-id:${userId}\n${hash('sha256', body)}`
  );
}
