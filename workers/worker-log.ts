/**
 * The log inside a worker: lines travel to the main thread, which alone writes. A flood is cut, and the cut
 * is told, so that a chatty plugin cannot fill the main thread's memory.
 */
import { inspect } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import type { PluginLogger } from '../src/plugin/plugin.ts';
import type { ControlFromWorker } from '../src/wire/from-worker.ts';
import { messageOf, stackOf } from './thrown.ts';

type Level = 'debug' | 'info' | 'warn' | 'error';
type Fields = Readonly<Record<string, unknown>>;

const RANK: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Lines per second and worker that are passed on. */
const LINES_PER_SECOND = 200;
/** Longest message and longest text of a field. */
const LONGEST_TEXT = 8192;

export interface WorkerLog extends PluginLogger {
  /** A log whose every line also carries `fields`, whatever the line itself says under those names. */
  child(fields: Fields): WorkerLog;
}

/** Lines below `lowest` are not sent. */
export function createWorkerLog(control: Pick<MessagePort, 'postMessage'>, lowest: Level): WorkerLog {
  let second = 0;
  let lines = 0;
  const send = (level: Level, message: string, fields: Fields): void => {
    if (RANK[level] < RANK[lowest]) return;
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      if (lines > LINES_PER_SECOND) {
        post(
          'warn',
          `${lines - LINES_PER_SECOND} log lines dropped: more than ${LINES_PER_SECOND} in a second`,
          {},
        );
      }
      second = now;
      lines = 0;
    }
    lines++;
    if (lines <= LINES_PER_SECOND) post(level, cut(String(message)), plain(fields));
  };
  const post = (level: Level, message: string, fields: Fields): void => {
    control.postMessage({ type: 'log', level, message, fields } satisfies ControlFromWorker);
  };
  return withFields(send, {});
}

function withFields(send: (level: Level, message: string, fields: Fields) => void, own: Fields): WorkerLog {
  const at =
    (level: Level) =>
    (message: string, fields?: Fields): void =>
      send(level, message, { ...fields, ...own });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => withFields(send, { ...own, ...fields }),
  };
}

/** What a plugin hands in may be anything: only what survives a thread crossing goes out, the rest as text. */
function plain(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  const stack = stackOf(value);
  if (stack !== undefined) return { message: cut(messageOf(value)), stack: cut(stack) };
  try {
    return cut(inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY }));
  } catch (error) {
    return cut(messageOf(error));
  }
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
}
