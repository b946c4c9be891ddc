/**
 * Where a module's syntax error is. The engine knows, but Node keeps it out of a module's error object; the
 * inspector, opened for a moment on this very thread, tells it.
 */
import { Session } from 'node:inspector';

/** Both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const HANDLE = 'hotlaneSyntaxError';

/** Undefined: the error is not the engine's own, or this build of Node has no inspector to ask. */
export function syntaxPosition(error: SyntaxError): Position | undefined {
  const session = new Session();
  let position: Position | undefined;
  Reflect.set(globalThis, HANDLE, error);
  try {
    session.connect();
    // On its own thread a session answers before `post` returns.
    session.post('Runtime.evaluate', { expression: `globalThis.${HANDLE}` }, (_, evaluated) => {
      const errorObjectId = evaluated.result.objectId;
      session.post('Runtime.getExceptionDetails', { errorObjectId }, (__, answer) => {
        position = positionIn(answer);
      });
    });
  } catch {
    return undefined;
  } finally {
    Reflect.deleteProperty(globalThis, HANDLE);
    session.disconnect();
  }
  return position;
}

/** The protocol's `Runtime.ExceptionDetails`, which count from 0; -1: unknown. */
function positionIn(answer: object | undefined): Position | undefined {
  if (answer === undefined || !('exceptionDetails' in answer)) return undefined;
  const details = answer.exceptionDetails;
  if (typeof details !== 'object' || details === null) return undefined;
  if (!('lineNumber' in details) || !('columnNumber' in details)) return undefined;
  const { lineNumber: line, columnNumber: column } = details;
  if (typeof line !== 'number' || typeof column !== 'number' || line < 0 || column < 0) return undefined;
  return { line: line + 1, column: column + 1 };
}
