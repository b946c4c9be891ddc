/** The log as the rest of the project sees it. Which library writes the lines is known to `telemetry` alone. */

/** Facts beside the message, one JSON value each. An `Error` under the key `error` is written with its stack. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Quietest last: a level lets itself and everything after it through. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Writing never throws and never waits for the reader of the log. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose every line also carries `fields`. */
  child(fields: LogFields): Log;
}
