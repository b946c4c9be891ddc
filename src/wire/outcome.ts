/**
 * How a call ended, as one small number for a slot's `outcome` word and for the meters.
 */
import { ERRORS, type ErrorCode } from '../core/errors.ts';

const CODES = Object.keys(ERRORS) as readonly ErrorCode[];

/** HTTP 200, status success. */
export const SUCCESS = 0;
/** HTTP 200, status error: the plugin returned an Error. */
export const TOOL_ERROR = 1;
/** The client left before the answer. */
export const CLIENT_GONE = 2;
const FIRST_CODE = 3;

/** How many outcomes there are. */
export const OUTCOMES = FIRST_CODE + CODES.length;

const numbers = new Map(CODES.map((code, index) => [code, FIRST_CODE + index]));

const OF_CODE: ReadonlySet<number> = new Set([
  SUCCESS,
  TOOL_ERROR,
  numbers.get('PLUGIN_FAULT') ?? -1,
  numbers.get('BAD_OUTPUT') ?? -1,
]);

/** Whether the plugin's code came to its end, well or not. */
export function isOfCode(outcome: number): boolean {
  return OF_CODE.has(outcome);
}

export function outcomeOf(code: ErrorCode): number {
  return numbers.get(code) ?? 0;
}

/** The row of the error table; undefined: it has none. */
export function codeOf(outcome: number): ErrorCode | undefined {
  return CODES[outcome - FIRST_CODE];
}

/** The outcome's name as metrics and logs show it, for example `success` or `deadline_exceeded`. */
export function outcomeName(outcome: number): string {
  if (outcome === SUCCESS) return 'success';
  if (outcome === TOOL_ERROR) return 'tool_error';
  if (outcome === CLIENT_GONE) return 'client_gone';
  return (CODES[outcome - FIRST_CODE] ?? 'unknown').toLowerCase();
}
