/** Makes of a server's reply what was asked for, or tells why there is none. */
import type { Reply } from './admin-client.ts';
import { isRefusal } from './admin-shapes.ts';
import { EXIT } from './exit-codes.ts';
import type { Shape } from './shape.ts';

export interface Answer<Value> {
  readonly value: Value;
  /** The JSON it was read from. */
  readonly text: string;
}

/** Why there is none, for people. */
export interface Missing {
  readonly exitCode: number;
  readonly sentence: string;
}

/** Undefined when there is none: standard error and the exit code have told so then. */
export function readReply<Value>(reply: Reply, server: URL, fits: Shape<Value>): Answer<Value> | undefined {
  const read = judgeReply(reply, server, fits);
  if ('value' in read) return read;
  process.stderr.write(`${read.sentence}\n`);
  process.exitCode = read.exitCode;
}

/** The same, and nothing is told to anybody. */
export function judgeReply<Value>(
  reply: Reply,
  { origin }: URL,
  fits: Shape<Value>,
): Answer<Value> | Missing {
  switch (reply.outcome) {
    case 'unreachable':
      return {
        exitCode: EXIT.unreachable,
        sentence:
          `No hotlane server answers at ${origin}: ${reply.reason}.\n` +
          'Start one with `hotlane start`, or name the admin address of a running one with --admin.',
      };
    case 'broken-off':
      return {
        exitCode: EXIT.failed,
        sentence:
          `The server at ${origin} did not answer to the end: ${reply.reason}.\n` +
          'It may have done what it was asked; `hotlane plugins` shows how things stand.',
      };
    case 'answered': {
      const value = parsed(reply.text);
      if (fits(value)) return { value, text: reply.text };
      if (isRefusal(value)) {
        const exitCode = NOT_POSSIBLE.has(reply.status) ? EXIT.refused : EXIT.failed;
        return { exitCode, sentence: `${origin} answers: ${value.error}` };
      }
      return {
        exitCode: EXIT.unreachable,
        sentence:
          `What answers at ${origin} is not the admin port of this version of hotlane.\n` +
          'Name the admin address of a running server with --admin.',
      };
    }
  }
}

/** There is no such thing, or it is not in the state for this. */
const NOT_POSSIBLE: ReadonlySet<number> = new Set([404, 409]);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
