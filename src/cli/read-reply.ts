/** Makes of a server's reply what was asked for, or tells why there is none. */
import { type Reply } from './admin-client.ts';
import { isRefusal, type Shape } from './admin-shapes.ts';
import { EXIT } from './exit-codes.ts';

export interface Answer<Value> {
  readonly value: Value;
  /** The JSON it was read from. */
  readonly text: string;
}

/** Undefined when there is none: standard error and the exit code have told so then. */
export function readReply<Value>(reply: Reply, server: URL, fits: Shape<Value>): Answer<Value> | undefined {
  const { origin } = server;
  switch (reply.outcome) {
    case 'unreachable':
      return tell(
        EXIT.unreachable,
        `No hotlane server answers at ${origin}: ${reply.reason}.\n` +
          'Start one with `hotlane start`, or name the admin address of a running one with --admin.',
      );
    case 'broken-off':
      return tell(
        EXIT.failed,
        `The server at ${origin} did not answer to the end: ${reply.reason}.\n` +
          'It may have done what it was asked; `hotlane plugins` shows how things stand.',
      );
    case 'answered': {
      const value = parsed(reply.text);
      if (fits(value)) return { value, text: reply.text };
      if (isRefusal(value)) {
        return tell(reply.status === 404 ? EXIT.refused : EXIT.failed, `${origin} answers: ${value.error}`);
      }
      return tell(
        EXIT.unreachable,
        `What answers at ${origin} is not the admin port of this version of hotlane.\n` +
          'Name the admin address of a running server with --admin.',
      );
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function tell(exitCode: number, sentence: string): undefined {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = exitCode;
}
