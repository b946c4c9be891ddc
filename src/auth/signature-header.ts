/**
 * The header of hotlane's own signatures, to the letter:
 *
 *   X-Coze-Plugin-Signature: t=1785000000,n=8fJ0vQ2yQmC1x7Zk4rTtUw,kid=k1,v1=<64 hex digits>
 *
 * `t`: Unix time in seconds. `n`: the nonce, 16 to 64 URL-safe characters. `kid`: which key. Then one to four signatures,
 * `v1` HMAC-SHA256 in lower-case hex, `v1e` Ed25519 in base64: during a change of keys a caller may sign with both secrets.
 */

export const SIGNATURE_HEADER = 'x-coze-plugin-signature';
/** In characters. */
const LONGEST = 1024;

export interface SignatureHeader {
  /** As it stands there, since it is signed so. */
  readonly t: string;
  readonly nonce: string;
  readonly keyId: string;
  /** 32 bytes each. */
  readonly hmacs: readonly Buffer[];
  /** 64 bytes each. */
  readonly ed25519s: readonly Buffer[];
}

const FORM =
  /^t=([1-9][0-9]{0,11}),n=([A-Za-z0-9_-]{16,64}),kid=([A-Za-z0-9._-]{1,64})((?:,v1=[0-9a-f]{64}|,v1e=[A-Za-z0-9+/]{85}[AQgw]==){1,4})$/;

/** The reason why it is none, as text, if it is none. */
export function readSignatureHeader(value: string): SignatureHeader | string {
  if (value.length > LONGEST) return `the header is longer than ${LONGEST} characters`;
  const [, t, nonce, keyId, rest] = FORM.exec(value) ?? [];
  if (t === undefined || nonce === undefined || keyId === undefined || rest === undefined) {
    return 'the header is malformed';
  }
  return readSignatures(rest.slice(1).split(','), { t, nonce, keyId });
}

function readSignatures(
  signatures: readonly string[],
  head: Pick<SignatureHeader, 't' | 'nonce' | 'keyId'>,
): SignatureHeader | string {
  const hmacs: Buffer[] = [];
  const ed25519s: Buffer[] = [];
  for (const [index, one] of signatures.entries()) {
    if (signatures.indexOf(one) < index) return 'the same signature comes twice';
    if (one.startsWith('v1=')) hmacs.push(Buffer.from(one.slice(3), 'hex'));
    else ed25519s.push(Buffer.from(one.slice(4), 'base64'));
  }
  return { ...head, hmacs, ed25519s };
}
