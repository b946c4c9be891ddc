/**
 * One started call as its plugin sees it: the context, made of what is asked for and nothing else.
 */
import type { SlotIndex } from '../src/core/brand.ts';
import type { CallContext, CozeClient, PluginLogger } from '../src/plugin/plugin.ts';
import type { CallIdentity } from '../src/wire/context-frame.ts';
import { madeId } from '../src/wire/request-id.ts';
import type { BoundTool } from './bind-tools.ts';
import type { CallFetches } from './outbound/call-fetches.ts';
import type { WorkerLog } from './worker-log.ts';

export class Call implements CallContext {
  readonly slot: SlotIndex;
  readonly tool: BoundTool;
  readonly userId: string | undefined;
  readonly botId: string | undefined;
  /** True once an answer is fixed; whatever the plugin does later changes nothing. */
  settled = false;
  /** Its answer goes out in pieces. */
  isStreamed = false;
  private readonly identity: CallIdentity;
  private readonly isNative: boolean;
  private readonly idPrefix: string;
  private readonly sequence: number;
  private readonly log: WorkerLog;
  private controller: AbortController | undefined;
  private ownLogger: PluginLogger | undefined;
  private fetches: CallFetches | undefined;
  private client: CozeClient | undefined;

  constructor(
    slot: SlotIndex,
    tool: BoundTool,
    identity: CallIdentity,
    ids: { readonly userId: string | undefined; readonly botId: string | undefined },
    isNative: boolean,
    idPrefix: string,
    sequence: number,
    log: WorkerLog,
  ) {
    this.slot = slot;
    this.tool = tool;
    this.identity = identity;
    this.userId = ids.userId;
    this.botId = ids.botId;
    this.isNative = isNative;
    this.idPrefix = idPrefix;
    this.sequence = sequence;
    this.log = log;
  }

  get conversationId(): string | undefined {
    return this.identity.conversationId;
  }

  get requestId(): string {
    return this.identity.requestId ?? madeId(this.idPrefix, this.sequence);
  }

  get traceparent(): string | undefined {
    return this.identity.traceparent;
  }

  get traceId(): string | undefined {
    return this.identity.traceId ?? traceIdOf(this.identity.traceparent);
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    return this.controller.signal;
  }

  get logger(): PluginLogger {
    this.ownLogger ??= this.log.child(this.facts);
    return this.ownLogger;
  }

  /** What every log line about it says. */
  get facts(): Readonly<Record<string, string>> {
    const { tool, requestId, userId, botId, conversationId, traceId } = this;
    const facts: Record<string, string> = { plugin: tool.plugin, tool: tool.name, requestId };
    for (const [name, value] of Object.entries({ userId, botId, conversationId, traceId })) {
      if (value !== undefined) facts[name] = value;
    }
    return facts;
  }

  /** Callers by the native contract see what the tool declares and nothing else. */
  shown(result: unknown): unknown {
    if (!this.isNative) return result;
    return this.tool.declared.keep(result, (path) => this.tool.tellDropped(path, this.facts));
  }

  get fetch(): CallContext['fetch'] {
    return this.ownFetches.fetch;
  }

  private get ownFetches(): CallFetches {
    if (this.fetches === undefined) {
      this.fetches = this.tool.outbound.fetchesOf(this);
      // It asks late: nothing would end what begins now.
      if (this.settled) this.end();
    }
    return this.fetches;
  }

  get coze(): CozeClient {
    this.client ??= this.tool.coze.clientOf(this, this.ownFetches);
    return this.client;
  }

  /** Nobody waits any more: tells the plugin, if it has asked for the signal or asks later. */
  abort(reason: DOMException): void {
    this.controller ??= new AbortController();
    this.controller.abort(reason);
    this.fetches?.end(reason);
  }

  /** It has been answered: whatever it still fetches ends. */
  end(): void {
    this.fetches?.end(new DOMException('The call is over', 'AbortError'));
  }
}

/** The second field of `version-traceid-parentid-flags`, https://www.w3.org/TR/trace-context/#traceparent-header */
function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparent?.split('-')[1];
}
