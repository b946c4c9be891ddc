import type { KeyObject } from 'node:crypto';
import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import tap, { type Test, test } from 'tap';
import { type Answer, dataOf, envelope, isError } from '../support/http-call.ts';
import { ownFolder } from '../support/own-folder.ts';
import { RawConnection, request as rawRequest } from '../support/raw-connection.ts';
import { selfSigned } from '../support/self-signed.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const { cert, key } = selfSigned();

const pem = (from: KeyObject) => from.export({ type: 'pkcs8', format: 'pem' });
const encrypted = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' });

/** The settings that name files with these contents. */
function tlsSettings(
  t: Test,
  contents: { readonly 'key.pem': string | Buffer; readonly 'cert.pem': string },
) {
  const dir = ownFolder(t, contents);
  return { workers: 1, tlsKey: join(dir, 'key.pem'), tlsCert: join(dir, 'cert.pem') };
}

const server = await startTestServer({
  settings: tlsSettings(tap, { 'key.pem': pem(key), 'cert.pem': cert }),
});
tap.teardown(server.stop);

/** Sends a body over TLS and checks the certificate. */
function send(body: string, options: RequestOptions = {}, to: TestServer = server): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${to.url}/execute/echo`, {
      method: 'POST',
      ca: cert,
      agent: false,
      headers: { 'Content-Type': 'application/json' },
      ...options,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const { statusCode: status = 0, headers } = incoming;
      const of = (name: string) => {
        const value = headers[name];
        return Array.isArray(value) ? value.join() : value;
      };
      text(incoming).then((read) => resolve({ status, headers: { get: of }, body: read }), reject);
    });
    outgoing.end(body);
  });
}

test('with key and certificate the port speaks HTTPS', async (t) => {
  t.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  t.same(dataOf(await send(envelope({ a: 'é界' }))), { a: 'é界' });
  isError(t, await send('{'), 'NOT_JSON', /not valid JSON/);
  isError(t, await send(`{"a":"${'x'.repeat(3_000_000)}"}`), 'BODY_TOO_LARGE');
  const large = { a: 'x'.repeat(1_000_000) };
  t.same(dataOf(await send(envelope(large))), large);
  const long = await send(envelope({ text: 'x', times: 5_000_000 }), {
    path: '/execute/reply/repeat',
  });
  t.ok(long.body === `{"status":"success","data":{"text":"${'x'.repeat(5_000_000)}"}}`);
});

test('the key may be encrypted', async (t) => {
  const settings = tlsSettings(t, { 'key.pem': encrypted, 'cert.pem': cert });
  const other = await startTestServer({ settings: { ...settings, tlsPassphrase: 'right' } });
  t.teardown(other.stop);
  t.same(dataOf(await send(envelope({ a: 1 }), {}, other)), { a: 1 });
});

test('a client that does not know the certificate refuses it', async (t) => {
  await t.rejects(send(envelope({}), { ca: undefined }), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('TLS 1.2 is the least', async (t) => {
  t.match(await send(envelope({}), { maxVersion: 'TLSv1.2' }), { status: 200 });
  t.match(await send(envelope({}), { minVersion: 'TLSv1.3' }), { status: 200 });
  await t.rejects(
    send(envelope({}), { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  );
});

test('plain HTTP on that port gets no answer', async (t) => {
  const connection = await RawConnection.to(server.port);
  connection.send(rawRequest(envelope({})));
  t.equal(await connection.answer(), undefined);
});

test('many requests go over one TLS connection', async (t) => {
  const socket = connect({ host: '127.0.0.1', port: server.port, ca: cert });
  const connection = new RawConnection(socket);
  t.teardown(() => connection.drop());
  for (let number = 0; number < 50; number++) {
    connection.send(rawRequest(envelope({ number })));
    t.equal((await connection.answer())?.body, `{"status":"success","data":{"number":${number}}}`);
  }
});

for (const [what, files, tlsPassphrase] of [
  ['a key that is none', { 'key.pem': 'no key', 'cert.pem': cert }, undefined],
  ['a certificate that is none', { 'key.pem': pem(key), 'cert.pem': 'no certificate' }, undefined],
  ['the key of another certificate', { 'key.pem': pem(selfSigned().key), 'cert.pem': cert }, undefined],
  ['a wrong passphrase', { 'key.pem': encrypted, 'cert.pem': cert }, 'wrong'],
  ['a missing passphrase', { 'key.pem': encrypted, 'cert.pem': cert }, undefined],
] as const) {
  test(`${what} keeps the server from starting, and the files and the reason are told`, async (t) => {
    const settings = tlsSettings(t, files);
    const starting = startTestServer({ settings: { ...settings, tlsPassphrase } });
    const start = `the TLS key ${settings.tlsKey} with the certificate ${settings.tlsCert} cannot be used: `;
    const error = await starting.then(
      (started) => started.stop(),
      (reason: unknown) => reason,
    );
    t.match(error, { message: start });
    t.ok(String(error).length > start.length + 10, String(error));
  });
}
