/** What the front serves beside the tools: documents, Coze's events, consent. */

import { callbackGuard } from '../auth/digest-callback.ts';
import type { SharedAuth } from '../auth/shared.ts';
import { authRulesOf } from '../config/auth-exposure.ts';
import type { Settings } from '../config/settings.ts';
import type { Log } from '../core/log.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { CALLBACK_PATH, EventCallbacks } from '../events/event-callbacks.ts';
import { documentAuth } from '../openapi/document-auth.ts';
import { documentPages } from '../openapi/pages.ts';
import type { Page } from '../wire/page.ts';
import { errorBody } from '../wire/reply-body.ts';
import { eventDelivery } from './deliver-events.ts';
import type { ToolTable } from './tool-table.ts';

export interface PageSources {
  readonly settings: Settings;
  readonly log: Log;
  readonly shared: SharedAuth;
  readonly dispatcher: Dispatcher;
  readonly table: ToolTable;
  /** Of hotlane. */
  readonly version: string;
  /** Where the server answers; known once it listens. */
  readonly url: () => string;
}

export class Pages {
  /** Undefined: no events are taken. */
  readonly events: EventCallbacks | undefined;
  private readonly sources: PageSources;

  constructor(sources: PageSources) {
    this.sources = sources;
    const { settings, shared, dispatcher, table, log } = sources;
    if (settings.callbackToken === undefined) return;
    this.events = new EventCallbacks({
      // Events have ids, by which repetitions are known.
      guard: callbackGuard({ type: 'coze-callback', token: settings.callbackToken }, shared, 'taken'),
      plugins: () => table.eventPlugins,
      configured: settings.callbackPlugin,
      deliver: eventDelivery(dispatcher, table),
      log,
    });
  }

  /** For the plugins of this moment. */
  current(): readonly Page[] {
    const { settings, table, version, url } = this.sources;
    const manifests = table.plugins;
    const documents = documentPages(() => manifests, {
      version,
      get url() {
        return settings.publicUrl ?? url();
      },
      authOf: (plugin) => documentAuth(authRulesOf(settings, plugin)),
    });
    return [...documents, ...(this.events?.pages() ?? [notServed(CALLBACK_PATH, 'POST', 'callbackToken')])];
  }
}

/** What would be there with another setting: whoever connects the two sides finds out here. */
export function notServed(path: string, method: 'GET' | 'POST', setting: string): Page {
  const headers = { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' };
  const sentence = `Nothing is served here as long as the server’s setting ${setting} is not set.`;
  return {
    path,
    methods: [method],
    handle: ({ requestId }) =>
      Promise.resolve({ status: 404, headers, body: errorBody('NOT_FOUND', requestId, sentence) }),
  };
}
