import { type RequestOptions, request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import { type Test, test } from 'tap';
import { type Answer, dataOf, envelope, isError } from '../support/http-call.ts';
import { RawConnection, request as rawRequest } from '../support/raw-connection.ts';
import { selfSigned } from '../support/self-signed.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const { cert, key } = selfSigned();

/** A server with that certificate; the key is encrypted where there is a passphrase. */
async function startWithTls(t: Test, passphrase?: string): Promise<TestServer> {
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  const dir = t.testdir({
    'cert.pem': cert,
    'key.pem': key.export({ type: 'pkcs8', format: 'pem', ...cipher }),
  });
  const files = { tlsKey: join(dir, 'key.pem'), tlsCert: join(dir, 'cert.pem') };
  const server = await startTestServer({ settings: { workers: 1, ...files, tlsPassphrase: passphrase } });
  t.teardown(server.stop);
  return server;
}

/** Sends a body over TLS and checks the certificate. */
function send(server: TestServer, body: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server.url}/execute/echo`, {
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
  const server = await startWithTls(t);
  t.match(server.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  t.same(dataOf(await send(server, envelope({ a: 'é界' }))), { a: 'é界' });
  isError(t, await send(server, '{'), 'NOT_JSON', /not valid JSON/);
  isError(t, await send(server, `{"a":"${'x'.repeat(3_000_000)}"}`), 'BODY_TOO_LARGE');
  const large = { a: 'x'.repeat(1_000_000) };
  t.same(dataOf(await send(server, envelope(large))), large);
  const long = await send(server, envelope({ text: 'x', times: 5_000_000 }), {
    path: '/execute/reply/repeat',
  });
  t.ok(long.body === `{"status":"success","data":{"text":"${'x'.repeat(5_000_000)}"}}`);
});

test('the key may be encrypted', async (t) => {
  const server = await startWithTls(t, 'open sesame');
  t.same(dataOf(await send(server, envelope({ a: 1 }))), { a: 1 });
});

test('a client that does not know the certificate refuses it', async (t) => {
  const server = await startWithTls(t);
  await t.rejects(send(server, envelope({}), { ca: undefined }), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('TLS 1.2 is the least', async (t) => {
  const server = await startWithTls(t);
  t.match(await send(server, envelope({}), { maxVersion: 'TLSv1.2' }), { status: 200 });
  t.match(await send(server, envelope({}), { minVersion: 'TLSv1.3' }), { status: 200 });
  await t.rejects(
    send(server, envelope({}), { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
  );
});

test('plain HTTP on that port gets no answer', async (t) => {
  const server = await startWithTls(t);
  const connection = await RawConnection.to(server.port);
  connection.send(rawRequest(envelope({})));
  t.equal(await connection.answer(), undefined);
});

test('many requests go over one TLS connection', async (t) => {
  const server = await startWithTls(t);
  const socket = connect({ host: '127.0.0.1', port: server.port, ca: cert });
  const connection = new RawConnection(socket);
  t.teardown(() => connection.drop());
  for (let number = 0; number < 50; number++) {
    connection.send(rawRequest(envelope({ number })));
    t.equal((await connection.answer())?.body, `{"status":"success","data":{"number":${number}}}`);
  }
});

const pem = (from: typeof key) => from.export({ type: 'pkcs8', format: 'pem' });
const encrypted = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'right' });

for (const [what, files, tlsPassphrase] of [
  ['a key that is none', { 'key.pem': 'no key', 'cert.pem': cert }, undefined],
  ['a certificate that is none', { 'key.pem': pem(key), 'cert.pem': 'no certificate' }, undefined],
  ['the key of another certificate', { 'key.pem': pem(selfSigned().key), 'cert.pem': cert }, undefined],
  ['a wrong passphrase', { 'key.pem': encrypted, 'cert.pem': cert }, 'wrong'],
  ['a missing passphrase', { 'key.pem': encrypted, 'cert.pem': cert }, undefined],
] as const) {
  test(`${what} keeps the server from starting, and the files and the reason are told`, async (t) => {
    const dir = t.testdir(files);
    const [tlsKey, tlsCert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const starting = startTestServer({ settings: { workers: 1, tlsKey, tlsCert, tlsPassphrase } });
    const start = `the TLS key ${tlsKey} with the certificate ${tlsCert} cannot be used: `;
    const error = await starting.then(
      (server) => server.stop(),
      (reason: unknown) => reason,
    );
    t.match(error, { message: start });
    t.ok(String(error).length > start.length + 10, String(error));
  });
}
