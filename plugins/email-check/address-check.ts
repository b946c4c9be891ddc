/**
 * Syntax of one e-mail address by RFC 5321 (mailbox), RFC 6531 (non-ASCII mailbox names) and UTS 46
 * (non-ASCII domains). Whether the mailbox exists is not a question of syntax.
 */
import { domainToUnicode } from 'node:url';
import { parseEnvelope } from '@haraka/email-address';
import { explain } from './diagnosis.ts';
import { simplestLocalPart } from './local-part.ts';

/** RFC 5321 section 4.5.3.1.3: 256 octets with the angle brackets an address has on the wire. */
const MAX_ADDRESS_OCTETS = 254;
/** RFC 1035 section 2.3.4. */
const MAX_LABEL_OCTETS = 63;

export type AddressCheck =
  | {
      readonly valid: true;
      /** One sentence, and one more for each thing that may keep mail from arriving. */
      readonly diagnosis: string;
      /** `local_part@domain`; two spellings of one address have the same. */
      readonly normalised: string;
      readonly local_part: string;
      /** Lower case, non-ASCII labels as `xn--…`; an address literal with its brackets. */
      readonly domain: string;
      /** The domain for people to read. */
      readonly domain_unicode: string;
      /** Whether the mailbox name is outside ASCII, so that every server on the way needs RFC 6531. */
      readonly needs_smtputf8: boolean;
    }
  | { readonly valid: false; readonly diagnosis: string };

export function checkAddress(text: string): AddressCheck {
  const address = text.trim();
  const form = findWrongForm(address);
  if (form !== undefined) return invalid(`Not valid: ${form}.`);

  const parsed = parse(address);
  if (parsed instanceof Error) return invalid(explain(parsed.message));

  const localPart = simplestLocalPart(parsed.user);
  const domain = parsed.host;
  const normalised = `${localPart}@${domain}`;
  if (Buffer.byteLength(normalised) > MAX_ADDRESS_OCTETS) {
    return invalid(`Not valid: the address is longer than ${MAX_ADDRESS_OCTETS} octets.`);
  }
  // The parser measures labels as written; a non-ASCII one can grow in its `xn--` form.
  if (domain.split('.').some((label) => label.length > MAX_LABEL_OCTETS && !domain.startsWith('['))) {
    return invalid(explain('sub-domain label exceeds 63 octets'));
  }
  return {
    valid: true,
    diagnosis: ['Valid.', ...remarks(localPart, domain)].join(' '),
    normalised,
    local_part: localPart,
    domain,
    domain_unicode: domain.startsWith('[') ? domain : domainToUnicode(domain),
    needs_smtputf8: !isAscii(localPart),
  };
}

function invalid(diagnosis: string): AddressCheck {
  return { valid: false, diagnosis };
}

/** What the mail grammar allows in its place but is not one address of the form name@domain. */
function findWrongForm(address: string): string | undefined {
  if (address === '') return 'the address is empty';
  // A lone surrogate has no UTF-8 form, so no mail could carry it.
  if (!address.isWellFormed()) return 'the text is not well-formed Unicode';
  if (address.startsWith('<')) return 'write the address without angle brackets';
  if (address.toLowerCase() === 'postmaster') return 'the domain is missing';
  return undefined;
}

/** The parser throws a plain Error for bad syntax; any other class is a fault and passes through. */
function parse(address: string): { readonly user: string; readonly host: string } | Error {
  try {
    return parseEnvelope(address);
  } catch (error) {
    if (error instanceof Error && error.constructor === Error) return error;
    throw error;
  }
}

function remarks(localPart: string, domain: string): string[] {
  const found: string[] = [];
  if (localPart.startsWith('"'))
    found.push('The mailbox name needs quotation marks, which many services refuse.');
  if (!isAscii(localPart)) {
    found.push('The mailbox name is not ASCII, so every mail server on the way must support SMTPUTF8.');
  }
  if (domain.startsWith('[')) {
    found.push('The domain is an IP address, which many servers refuse.');
  } else if (!domain.includes('.')) {
    found.push('The domain has no dot, so it can only be a name inside a private network.');
  } else if (/\.[0-9]+$/.test(domain)) {
    found.push('The domain ends in a number, which no public domain does.');
  }
  return found;
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
