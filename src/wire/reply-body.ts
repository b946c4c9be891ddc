/**
 * The two shapes of an answer's body, the same wherever it is made (front or worker).
 */
import { type ErrorCode, errorSpec } from '../core/errors.ts';

/** `json`: the plugin's answer, already encoded. */
export function successBody(json: string): string {
  return `{"status":"success","data":${json}}`;
}

/** An answer the plugin gave as an Error: for the model to read. */
export function toolErrorBody(message: string, requestId: string): string {
  return `{"status":"error","message":${JSON.stringify(message)},"request_id":${JSON.stringify(requestId)}}`;
}

/** A row of the error table. `detail` replaces the table's sentence where it can say more. */
export function errorBody(code: ErrorCode, requestId: string, detail?: string): string {
  const message = detail ?? errorSpec(code).sentence;
  return (
    `{"status":"error","code":"${code}","message":${JSON.stringify(message)},` +
    `"request_id":${JSON.stringify(requestId)}}`
  );
}
