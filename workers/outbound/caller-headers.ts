/**
 * What is told about the call to the services it calls. What the plugin has set itself stays as it is.
 */
import type { OutboundPolicy } from '../../src/wire/outbound.ts';

/** The call that a fetch is made for. */
export interface Caller {
  readonly requestId: string;
  readonly traceparent: string | undefined;
  readonly traceId: string | undefined;
  readonly userId: string | undefined;
  readonly botId: string | undefined;
  readonly conversationId: string | undefined;
}

/** They tell who somebody is, so they go to the host that the plugin has named and to no other. */
export const IDENTITY_HEADERS: ReadonlySet<string> = new Set([
  'x-coze-user-id',
  'x-coze-bot-id',
  'x-coze-conversation-id',
]);

/** What may stand in a header: printable ASCII. A bot's name in the body may be anything. */
const SENDABLE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** `given`: what the plugin sends. */
export function withCaller(given: Headers, caller: Caller, { identity }: OutboundPolicy): Headers {
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined && !given.has(name) && SENDABLE.test(value)) given.set(name, value);
  };
  add('x-request-id', caller.requestId);
  add('traceparent', caller.traceparent);
  add('x-tt-logid', caller.traceId);
  if (identity) {
    add('x-coze-user-id', caller.userId);
    add('x-coze-bot-id', caller.botId);
    add('x-coze-conversation-id', caller.conversationId);
  }
  return given;
}
