/** What the parser's terse messages mean to somebody who does not know the grammar. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ['expected atom in local-part', 'the part before the @ is empty or starts with a sign it must not contain'],
  ['expected atom after "."', 'the part before the @ has two dots in a row or ends with a dot'],
  ['expected "@"', 'the @ is missing, or a sign before it is not allowed without quotation marks'],
  ['unterminated quoted-string', 'the closing quotation mark is missing'],
  ['invalid quoted-pair', 'a backslash must be followed by a printable ASCII character'],
  ['invalid character in quoted-string', 'a control character between quotation marks'],
  ['expected sub-domain', 'the domain, or a label of it, is empty or starts with a sign it must not contain'],
  [
    'trailing input after address',
    'a sign that a domain must not contain, or a hyphen at the end of a label',
  ],
  ['sub-domain label exceeds 63 octets', 'a label of the domain is longer than 63 octets'],
  ['unterminated address literal', 'the closing bracket is missing'],
  ['invalid character in address literal', 'a sign that is not allowed between brackets'],
  ['invalid address literal', 'what stands in brackets is not an IP address'],
]);

/** Shape of the parser's message where it can name the place; the place counts UTF-16 units from 0. */
const WITH_PLACE = /^Invalid RFC-5321 address at position ([0-9]+): (.*)$/;

/** The parser's complaint in words. A message this table does not know is passed on as it is. */
export function explain(message: string): string {
  const [, place, complaint = message] = WITH_PLACE.exec(message) ?? [];
  const meaning = MEANINGS.get(complaint) ?? complaint;
  return place === undefined
    ? `Not valid: ${meaning}.`
    : `Not valid at character ${Number(place) + 1}: ${meaning}.`;
}
