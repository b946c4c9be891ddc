/**
 * What the form of the consent page brings along: proof that this browser has been shown the page, for this link. Else
 * another site could send a browser on to Coze, where one who has consented before may not be asked again, and connect
 * the account to somebody else's user.
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { BrowserSession } from './session-cookie.ts';

export function formProof(key: KeyObject, shown: BrowserSession): string {
  return digest(key, shown).toString('base64url');
}

/** `keys`: any of them may have made it. */
export function isFormProof(keys: readonly KeyObject[], shown: BrowserSession, proof: string): boolean {
  const given = Buffer.from(proof, 'base64url');
  return keys.some((key) => {
    const expected = digest(key, shown);
    return expected.length === given.length && timingSafeEqual(expected, given);
  });
}

function digest(key: KeyObject, { session, query }: BrowserSession): Buffer {
  return createHmac('sha256', key).update(`hotlane consent form 1\n${session}\n${query}`).digest();
}
