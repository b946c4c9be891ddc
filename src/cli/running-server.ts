/** What the command line needs of the server. */
import type { Settings } from '../config/settings.ts';
import type { Log } from '../core/log.ts';

export interface RunningServer {
  /** Where the plugins are served, as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Where the admin server answers. */
  readonly adminUrl: string;
  /** Stops taking calls, lets the running ones finish, and resolves when all is over. */
  stop(reason: string): Promise<void>;
}

/**
 * Resolves when both ports listen. Rejects when the server cannot start; for a port in use with an error that
 * has `code: 'EADDRINUSE'` and `port`, as Node's own servers do.
 */
export type StartServer = (settings: Settings, log: Log) => Promise<RunningServer>;
