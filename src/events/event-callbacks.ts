/**
 * Takes the events that Coze sends and hands each to a plugin once.
 *
 *   guard ─► read ─► choose plugin ─► seen before? ─► deliver, at most 2.5 s ─► answer
 *
 * Coze wants an answer within 3 s and sends again what was not answered with 200.
 */
import type { ErrorCode } from '../core/errors.ts';
import type { Log, LogFields } from '../core/log.ts';
import type { Decision, Guard } from '../wire/guard.ts';
import { errorAnswer, jsonAnswer, type Page, type PageAnswer, type PageRequest } from '../wire/page.ts';
import { successBody } from '../wire/reply-body.ts';
import { CALLBACK_PATH } from './callback-path.ts';
import { choosePlugin, type EventPlugins } from './choose-plugin.ts';
import { readEvent } from './read-event.ts';
import { RefusalLog } from './refusal-log.ts';
import { SeenIds } from './seen-ids.ts';

/** Half a second less than Coze waits, for the way there and back. */
const ANSWER_WITHIN_MS = 2500;

const REMEMBERED_MS = 24 * 60 * 60 * 1000;
const REMEMBERED = 100_000;

const JSON_TYPE = /^application\/json[ \t]*(?:;|$)/i;

/** An event on its way to a plugin. */
export interface DeliveredEvent {
  readonly id: string;
  readonly type: string | undefined;
  /** The whole body as received: UTF-8, a JSON object. */
  readonly payload: Uint8Array;
  /** Of the request that brought it. */
  readonly requestId: string;
}

/** `failed`: the plugin threw, ran into its deadline or its worker died. `refused`: it was not started. */
export type Delivery = 'done' | 'failed' | 'refused';

/**
 * Runs a plugin's onEvent. Must settle some time, so it needs a deadline of its own: until then the event counts as under
 * way. A rejection counts as `failed`.
 */
export type Deliver = (plugin: string, event: DeliveredEvent) => Promise<Delivery>;

/**
 * How a request ended. `lost`: failed after it had been answered with 200. `repeated`: its event was under way or done.
 * `invalid`: no event could be read. `unclaimed`: no plugin for it.
 */
export type EventOutcome = Delivery | 'lost' | 'repeated' | 'unauthorized' | 'invalid' | 'unclaimed';

export interface EventCallbackOptions {
  /** Knows Coze's signature. */
  readonly guard: Guard;
  readonly plugins: () => EventPlugins;
  /** The setting callbackPlugin. */
  readonly configured: string | undefined;
  readonly deliver: Deliver;
  readonly log: Log;
}

export class EventCallbacks {
  /** Requests so far by how they ended; those under way are not in it. */
  readonly counts: Record<EventOutcome, number> = {
    done: 0,
    failed: 0,
    refused: 0,
    lost: 0,
    repeated: 0,
    unauthorized: 0,
    invalid: 0,
    unclaimed: 0,
  };
  private readonly options: EventCallbackOptions;
  private readonly refusals: RefusalLog;
  private readonly seen = new SeenIds(REMEMBERED_MS, REMEMBERED);

  constructor(options: EventCallbackOptions) {
    this.options = options;
    this.refusals = new RefusalLog(options.log);
  }

  /** Where events come in, as the plugins are now: one path for the chosen plugin and one for each by name. */
  pages(): readonly Page[] {
    const { serving, inactive } = this.options.plugins();
    const names = [...serving.map(({ name }) => name), ...inactive];
    return [
      this.page(CALLBACK_PATH, undefined),
      ...names.map((name) => this.page(`${CALLBACK_PATH}/${name}`, name)),
    ];
  }

  private page(path: string, plugin: string | undefined): Page {
    return { path, methods: ['POST'], handle: (request) => this.take(request, plugin) };
  }

  private async take(request: PageRequest, named: string | undefined): Promise<PageAnswer> {
    const { plugins, configured } = this.options;
    const { requestId } = request;
    const decision = this.judge(request);
    if (decision.kind === 'refused') {
      this.refusals.line({ requestId, reason: decision.reason }, performance.now());
      return this.refuse('unauthorized', requestId, 'UNAUTHORIZED');
    }
    if (!JSON_TYPE.test(request.headers.get('content-type') ?? ''))
      return this.refuse('invalid', requestId, 'UNSUPPORTED_MEDIA_TYPE');
    const event = readEvent(request.body);
    if (event.kind === 'refused') return this.refuse('invalid', requestId, event.code);
    const choice = choosePlugin(plugins(), named, configured);
    if (choice.kind === 'refused') return this.refuse('unclaimed', requestId, choice.code, choice.detail);
    const { id, type } = event;
    return await this.once(choice.plugin, { id, type, payload: request.body, requestId });
  }

  private judge({ method, path, query, headers, body }: PageRequest): Decision {
    const judgement = this.options.guard.judge({
      method,
      target: query === '' ? path : `${path}?${query}`,
      // A header that came twice is one text of both here, which is no signature either.
      values: (header) => [headers.get(header)].filter((value) => value !== undefined),
    });
    return judgement.kind === 'undecided' ? judgement.decide(body) : judgement;
  }

  /** Hands the event on unless it was here before. */
  private async once(plugin: string, event: DeliveredEvent): Promise<PageAnswer> {
    // Not with the plugin: the path is not signed, and a copied request must not reach another plugin by another path.
    const key = event.id;
    if (!this.seen.add(key, performance.now())) {
      this.counts.repeated++;
      return SUCCESS;
    }
    const delivery = this.deliver(plugin, event).then((outcome) => {
      if (outcome !== 'done') this.seen.forget(key);
      return outcome;
    });
    const inTime = await within(ANSWER_WITHIN_MS, delivery);
    switch (inTime) {
      case 'done':
        this.counts.done++;
        return SUCCESS;
      case 'failed':
        return this.sendBack(plugin, event, inTime, 'PLUGIN_FAULT');
      case 'refused':
        return this.sendBack(plugin, event, inTime, 'OVERLOADED');
      case undefined:
        void delivery.then((outcome) => this.endLate(plugin, event, outcome));
        return SUCCESS;
    }
  }

  private async deliver(plugin: string, event: DeliveredEvent): Promise<Delivery> {
    try {
      return await this.options.deliver(plugin, event);
    } catch (error) {
      this.options.log.error('an event could not be delivered', { ...factsOf(plugin, event), error });
      return 'failed';
    }
  }

  /** Coze is to send the event again. */
  private sendBack(
    plugin: string,
    event: DeliveredEvent,
    outcome: Exclude<Delivery, 'done'>,
    code: ErrorCode,
  ): PageAnswer {
    this.options.log.warn('an event failed and is answered so that Coze sends it again', {
      ...factsOf(plugin, event),
      outcome,
    });
    return this.refuse(outcome, event.requestId, code);
  }

  /** Coze has its 200 and will not send this event again. */
  private endLate(plugin: string, event: DeliveredEvent, outcome: Delivery): void {
    if (outcome === 'done') {
      this.counts.done++;
      return;
    }
    this.counts.lost++;
    this.options.log.error('an event failed after it had been answered; Coze does not send it again', {
      ...factsOf(plugin, event),
      outcome,
    });
  }

  private refuse(outcome: EventOutcome, requestId: string, code: ErrorCode, detail?: string): PageAnswer {
    this.counts[outcome]++;
    return errorAnswer(code, requestId, detail);
  }
}

const SUCCESS = jsonAnswer(200, successBody('{}'));

function factsOf(plugin: string, { id, type, requestId }: DeliveredEvent): LogFields {
  return { requestId, plugin, eventId: id, eventType: type };
}

/** What the promise resolves with; undefined: it has not in that time. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
