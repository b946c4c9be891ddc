/**
 * Writes the log: JSON lines on standard error, so that standard output is free for data. The only file that
 * knows pino.
 */
import { type Logger, type LoggerOptions, pino } from 'pino';
import type { Log, LogFields, LogLevel } from '../core/log.ts';
import { prettyLine } from './pretty-line.ts';

/** Bytes of lines that may wait for a slow reader; more are dropped, and counted in a later line. */
const BACKLOG_LIMIT = 8 * 1024 * 1024;

/** `pretty` is for a person at a terminal. */
export type LogForm = 'json' | 'pretty';

export function createLog({ logLevel }: { readonly logLevel: LogLevel }, form: LogForm = 'json'): Log {
  const options: LoggerOptions = {
    level: logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
    // What comes from another thread is no Error any more, and says all there is.
    serializers: {
      error: (error: unknown) => (error instanceof Error ? pino.stdSerializers.err(error) : error),
    },
    // Nobody means to log it; this is for the day someone logs the settings.
    redact: { paths: ['tlsPassphrase', 'settings.tlsPassphrase'], censor: '***' },
  };
  return form === 'pretty' ? prettyLog(options) : jsonLog(options);
}

/** A terminal is read by a person: it may be written to at once. */
function prettyLog(options: LoggerOptions): Log {
  return wrap(pino(options, { write: (line) => process.stderr.write(prettyLine(line)) }));
}

/**
 * Written in the background, so that no call waits for the reader of the log. What is still in memory when the
 * process exits is written then, by pino.
 */
function jsonLog(options: LoggerOptions): Log {
  const stream = pino.destination({ fd: 2, sync: false, maxLength: BACKLOG_LIMIT });
  const log = wrap(pino(options, stream));
  let dropped = 0;
  stream.on('drop', () => {
    dropped += 1;
  });
  stream.on('drain', () => {
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    log.warn('Log lines were dropped because nobody read them in time', { lines });
  });
  // A full disk must not end the server; the next line is tried again.
  stream.on('error', () => {});
  return log;
}

function wrap(logger: Logger): Log {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
    child: (fields: LogFields) => wrap(logger.child(fields)),
  };
}
