/** Whom a signed call says it is for. */
import type { GuardedHead } from '../wire/guard.ts';

/** The headers whose values are signed, in the order in which they are. */
export const IDENTITY_HEADERS = ['x-coze-bot-id', 'x-coze-conversation-id', 'x-coze-user-id'] as const;

/** One value for each of `IDENTITY_HEADERS`; '' when absent. */
export type IdentityValues = readonly [botId: string, conversationId: string, userId: string];

/**
 * The names under which Coze itself sends the same, in the same order. They are not signed, so beside a signature they may
 * only repeat what is.
 */
export const UNSIGNED_HEADERS = [
  'x-aiplugin-bot-id',
  'x-aiplugin-conversation-id',
  'x-aiplugin-connector-identifier',
] as const;

/** The reason, as text, where it is in doubt. */
export function signedIdentity(head: GuardedHead): IdentityValues | string {
  const [bot, conversation, user] = IDENTITY_HEADERS.map((header) => head.values(header));
  for (const values of [bot, conversation, user]) {
    if (values !== undefined && values.length > 1) return 'an identity header comes more than once';
  }
  const identity: IdentityValues = [bot?.[0] ?? '', conversation?.[0] ?? '', user?.[0] ?? ''];
  for (const [place, header] of UNSIGNED_HEADERS.entries()) {
    if (head.values(header).some((value) => value !== identity[place])) {
      return `${header}, which is not signed, differs from ${IDENTITY_HEADERS[place] ?? ''}`;
    }
  }
  return identity;
}
