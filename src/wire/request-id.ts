/**
 * Request ids: the caller's own where it is usable, else one made of the process's prefix and the call's
 * sequence number, so that front and worker arrive at the same id without sending it.
 */
import { randomBytes } from 'node:crypto';

const USABLE = /^[\x21-\x7e]{1,128}$/;

/** Different for every process start, so ids of two processes do not meet in one log. */
export function newIdPrefix(): string {
  return `${randomBytes(6).toString('base64url')}-`;
}

/** `sequence`: the number of the call at its front. */
export function madeId(prefix: string, sequence: number): string {
  return prefix + sequence.toString(36);
}

/** Visible ASCII, 1 to 128 characters; anything else is replaced by a made id. */
export function isUsableId(id: string): boolean {
  return USABLE.test(id);
}
