/** Says why the server did not start, and what to do about it. */
import { flagOf } from '../config/setting-table.ts';
import type { Settings } from '../config/settings.ts';

/** The end of the sentence "hotlane cannot start: …"; with debug, the stack of what it has no words for. */
export function startFailure(error: unknown, settings: Pick<Settings, 'adminPort' | 'debug'>): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE' && 'port' in error) {
    const flag = flagOf(error.port === settings.adminPort ? 'adminPort' : 'port');
    return `port ${error.port} is in use; stop what uses it or choose another one with ${flag}.`;
  }
  return settings.debug && error.stack ? error.stack : error.message;
}
