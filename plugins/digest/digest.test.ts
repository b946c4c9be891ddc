import { createHash, createHmac } from 'node:crypto';
import { test } from 'tap';
import { ALGORITHMS } from './algorithms.ts';

test('PBKDF2 gives the known answers of RFC 7914 section 11', async (t) => {
  const pbkdf2 = ALGORITHMS['pbkdf2-sha256'];
  t.equal(pbkdf2('passwd', 'salt', 1), '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc');
  t.equal(
    pbkdf2('Password', 'NaCl', 80_000),
    '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56',
  );
});

test('PBKDF2 with one iteration is the HMAC of the salt and block number 1', async (t) => {
  const hmac = createHmac('sha512', '口令')
    .update('盐')
    .update(Buffer.from([0, 0, 0, 1]));
  t.equal(ALGORITHMS['pbkdf2-sha512']('口令', '盐', 1), hmac.digest('hex'));
});

test('a chain hashes salt and text once, then the bytes of each digest', async (t) => {
  for (const name of ['sha256', 'sha512'] as const) {
    const chain = ALGORITHMS[`${name}-chain`];
    const digest = (data: string | Buffer) => createHash(name).update(data).digest();
    t.equal(chain('文字', '盐', 1), digest('盐文字').toString('hex'));
    t.equal(chain('文字', '盐', 3), digest(digest(digest('盐文字'))).toString('hex'));
  }
});
