/** What the front serves beside the tools: documents, Coze's events, consent. */
import { authRulesOf } from '../config/auth-exposure.ts';
import type { Settings } from '../config/settings.ts';
import { CALLBACK_PATH } from '../events/callback-path.ts';
import type { EventCallbacks } from '../events/event-callbacks.ts';
import { documentAuth } from '../openapi/document-auth.ts';
import { documentPages } from '../openapi/pages.ts';
import { errorAnswer, type Page } from '../wire/page.ts';
import type { ToolTable } from './tool-table.ts';

export interface PageSources {
  readonly settings: Settings;
  /** Undefined: no events are taken. */
  readonly events: EventCallbacks | undefined;
  readonly table: ToolTable;
  /** Of hotlane. */
  readonly version: string;
  /** Where the server answers; known once it listens. */
  readonly url: () => string;
}

export class Pages {
  private readonly sources: PageSources;

  constructor(sources: PageSources) {
    this.sources = sources;
  }

  /** For the plugins of this moment. */
  current(): readonly Page[] {
    const { settings, events, table, version, url } = this.sources;
    const manifests = table.plugins;
    const documents = documentPages(() => manifests, {
      version,
      get url() {
        return settings.publicUrl ?? url();
      },
      authOf: (plugin) => documentAuth(authRulesOf(settings, plugin)),
    });
    return [...documents, ...(events?.pages() ?? [notServed(CALLBACK_PATH, 'POST', 'callbackToken')])];
  }
}

/** What would be there with another setting: whoever connects the two sides finds out here. */
export function notServed(path: string, method: 'GET' | 'POST', setting: string): Page {
  const sentence = `Nothing is served here as long as the server’s setting ${setting} is not set.`;
  return {
    path,
    methods: [method],
    handle: ({ requestId }) => Promise.resolve(errorAnswer('NOT_FOUND', requestId, sentence)),
  };
}
