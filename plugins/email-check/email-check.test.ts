import { test } from 'tap';
import { checkAddress } from './address-check.ts';

test('ordinary addresses are valid, case is kept before the @ and lowered after it', async (t) => {
  for (const [email, normalised] of [
    ['user@example.com', 'user@example.com'],
    ['First.Last+Tag@Mail.Example.ORG', 'First.Last+Tag@mail.example.org'],
    ['  user@example.com\n', 'user@example.com'],
    ["!#$%&'*+-/=?^_`{|}~@example.com", "!#$%&'*+-/=?^_`{|}~@example.com"],
    ['user@123.example.com', 'user@123.example.com'],
  ] as const) {
    t.match(
      checkAddress(email),
      { valid: true, normalised, diagnosis: 'Valid.', needs_smtputf8: false },
      email,
    );
  }
});

test('quotation marks stay only where they are needed', async (t) => {
  for (const [email, localPart] of [
    ['"john"@example.com', 'john'],
    [String.raw`"jo\hn.doe"@example.com`, 'john.doe'],
    ['"john doe"@example.com', '"john doe"'],
    ['"a,b(c)@d"@example.com', '"a,b(c)@d"'],
    ['"john..doe"@example.com', '"john..doe"'],
    [String.raw`"a\"\b\\"@example.com`, String.raw`"a\"b\\"`],
    ['""@example.com', '""'],
  ] as const) {
    t.match(checkAddress(email), { valid: true, local_part: localPart }, email);
  }
  t.match(checkAddress('"john doe"@example.com').diagnosis, /needs quotation marks/);
  t.equal(checkAddress('"john"@example.com').diagnosis, 'Valid.');
});

test('internationalised addresses have an ASCII domain and one Unicode form', async (t) => {
  t.match(checkAddress('pelé@BÜCHER.example'), {
    normalised: 'pelé@xn--bcher-kva.example',
    domain_unicode: 'bücher.example',
    needs_smtputf8: true,
  });
  t.match(checkAddress('pele\u0301@example.com'), { local_part: 'pel\u00E9' });
  t.match(checkAddress('info@例子。中国'), { domain: 'xn--fsqu00a.xn--fiqs8s', needs_smtputf8: false });
});

test('a domain that public mail cannot reach is remarked on', async (t) => {
  t.match(checkAddress('root@localhost'), { valid: true, diagnosis: /no dot/ });
  t.match(checkAddress('root@[127.0.0.1]'), { valid: true, domain: '[127.0.0.1]', diagnosis: /IP address/ });
  t.match(checkAddress('root@[IPv6:2001:DB8::1]'), { valid: true, domain: '[ipv6:2001:db8::1]' });
  t.match(checkAddress('root@127.0.0.1'), { valid: true, diagnosis: /ends in a number/ });
});

test('each kind of mistake is named, with its place', async (t) => {
  for (const [email, diagnosis] of [
    ['', 'Not valid: the address is empty.'],
    ['   ', 'Not valid: the address is empty.'],
    ['<user@example.com>', 'Not valid: write the address without angle brackets.'],
    ['Postmaster', 'Not valid: the domain is missing.'],
    ['user\uD800@example.com', 'Not valid: the text is not well-formed Unicode.'],
    ['@example.com', /^Not valid at character 1: the part before the @ is empty/],
    ['.user@example.com', /^Not valid at character 1: .* starts with a sign/],
    ['user.@example.com', /^Not valid at character 6: .* ends with a dot/],
    ['user', /^Not valid at character 5: the @ is missing/],
    ['John Doe <j@example.com>', /^Not valid at character 5: /],
    ['"user@example.com', /closing quotation mark is missing/],
    ['"us\\\u0001er"@example.com', /backslash must be followed/],
    ['"us\ner"@example.com', /control character/],
    ['user@', /^Not valid at character 6: the domain, or a label of it, is empty/],
    ['user@example..com', /^Not valid at character 14: /],
    ['user@-example.com', /^Not valid at character 6: /],
    ['user@example-.com', /hyphen at the end of a label/],
    ['user@exa_mple.com', /^Not valid at character 9: a sign that a domain must not contain/],
    ['a@example.com, b@example.com', /^Not valid at character 14: /],
    ['user@[127.0.0.256]', /not an IP address/],
    ['user@[127.0.0.1', /closing bracket is missing/],
    ['user@[127.0.0 .1]', /not allowed between brackets/],
    ['user@\u202Eexample.com', 'Not valid: invalid IDN domain.'],
  ] as const) {
    t.match(checkAddress(email), { valid: false, diagnosis }, JSON.stringify(email));
  }
});

test('the limits of the standards hold to the octet', async (t) => {
  const label = 'd'.repeat(63);
  t.equal(checkAddress(`${'a'.repeat(64)}@example.com`).valid, true);
  t.match(checkAddress(`${'a'.repeat(65)}@example.com`), { valid: false, diagnosis: /64 octets/ });
  t.match(checkAddress(`${'é'.repeat(33)}@example.com`), { valid: false, diagnosis: /64 octets/ });
  t.equal(checkAddress(`user@${label}.com`).valid, true);
  t.match(checkAddress(`user@${label}d.com`), { valid: false, diagnosis: /63 octets/ });
  const domain = `${label}.${label}.${label}.`;
  t.equal(checkAddress(`a@${domain}${'e'.repeat(60)}`).valid, true);
  t.match(checkAddress(`a@${domain}${'e'.repeat(61)}`), { valid: false, diagnosis: /254 octets/ });
  t.match(checkAddress(`a@${domain}${label}`), { valid: false, diagnosis: /256 octets/ });
});

test('a label that grows past the limit in its ASCII form is refused', async (t) => {
  const label = Array.from({ length: 21 }, (_, at) => String.fromCodePoint(0x4e00 + at * 997)).join('');
  t.equal(Buffer.byteLength(label), 63);
  t.match(checkAddress(`user@${label}.com`), { valid: false, diagnosis: /63 octets/ });
});
