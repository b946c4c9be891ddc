/** Coze's events, put together from the settings. Loaded only where they ask for events. */
import type { Settings } from '../config/settings.ts';
import type { Log } from '../core/log.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import { EventCallbacks } from '../events/event-callbacks.ts';
import type { Authentication } from './authentication.ts';
import { eventDelivery } from './deliver-events.ts';
import type { ToolTable } from './tool-table.ts';

export interface EventSources {
  readonly settings: Settings;
  readonly authentication: Authentication;
  readonly dispatcher: Dispatcher;
  readonly table: ToolTable;
  readonly log: Log;
}

/** `token`: the setting callbackToken. */
export function makeEvents(
  token: string,
  { settings, authentication, dispatcher, table, log }: EventSources,
): EventCallbacks {
  return new EventCallbacks({
    guard: authentication.guardOfEvents(token),
    plugins: () => table.eventPlugins,
    configured: settings.callbackPlugin,
    deliver: eventDelivery(dispatcher, table),
    log,
  });
}
