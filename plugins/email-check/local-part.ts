/** Dot-string of RFC 5321 section 4.1.2, with the non-ASCII characters RFC 6531 adds. */
const DOT_STRING =
  /^[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10FFFF}]+(?:\.[\w!#$%&'*+\-/=?^`{|}~\u{80}-\u{10FFFF}]+)*$/u;

/**
 * The simplest spelling of a valid local part: no quotation marks or backslashes it can do without
 * (RFC 5321 section 4.1.2 treats the spellings as one mailbox), Unicode in form C. Case is kept, because
 * only the receiving server knows whether it matters (section 2.4).
 */
export function simplestLocalPart(localPart: string): string {
  const text = localPart.normalize('NFC');
  if (!text.startsWith('"')) return text;
  const content = text.slice(1, -1).replaceAll(/\\(.)/gu, '$1');
  return DOT_STRING.test(content) ? content : `"${content.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
