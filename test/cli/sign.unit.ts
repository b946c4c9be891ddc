import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'tap';
import { makeGuard } from '../../src/auth/make-guard.ts';
import { SharedAuth } from '../../src/auth/shared.ts';
import { type CallFlags, planCall } from '../../src/cli/sign-call.ts';
import { credentialFor } from '../../src/cli/sign-credential.ts';
import { curlLine, type ReadyCall, requestJson } from '../../src/cli/sign-curl.ts';
import { serverUrl } from '../../src/cli/sign-server.ts';
import type { AuthRule } from '../../src/core/auth-rules.ts';
import { outcome, type Request } from '../auth/requests.ts';
import { ownFolder } from '../support/own-folder.ts';
import { hotlane } from './run-hotlane.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const KEYS: AuthRule = {
  type: 'signature',
  toleranceS: 300,
  keys: [
    {
      id: 'e1',
      algorithm: 'ed25519',
      publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
    },
    { id: 'k1', algorithm: 'hmac-sha256', secret: 'sixteen letters!' },
  ],
};
const TOKEN: AuthRule = { type: 'service-token', name: 'key', place: 'both', tokens: ["it's $1"] };
const FILE = {
  port: 8181,
  pluginSettings: {
    weather: { auth: [KEYS] },
    digest: { auth: [{ type: 'service-token', name: 'key', in: 'both', tokens: TOKEN.tokens }] },
  },
};

/** The arguments a shell gives to curl for this line. */
function argumentsOf(line: string, env: Record<string, string> = {}): readonly string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${line}`;
  return execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8', env }).split('\0').slice(0, -1);
}

/** The request that curl would make of these arguments. */
function requestOf([options, url = '', ...rest]: readonly string[]): Request & { readonly url: URL } {
  if (options !== '-sSg') throw new Error(`curl has other options: ${options}`);
  const headers: [string, string][] = [];
  let body: string | undefined;
  for (let index = 0; index < rest.length; index += 2) {
    const [flag, value = ''] = rest.slice(index, index + 2);
    const [name = '', ...text] = value.split(': ');
    if (flag === '-H') headers.push([name, text.join(': ')]);
    else if (flag === '--data-raw') body = value;
    else throw new Error(`curl has another option: ${flag}`);
  }
  const { pathname, search } = new URL(url);
  const target = pathname + search;
  return {
    url: new URL(url),
    method: body === undefined ? 'GET' : 'POST',
    target,
    headers,
    body: body ?? '',
  };
}

const admits = (rule: AuthRule, request: Request): string =>
  outcome(makeGuard([rule], new SharedAuth()), request);

test('sign prints a curl line that the plugin’s guard admits', async (t) => {
  const cwd = ownFolder(t, {
    'hotlane.config.json': JSON.stringify(FILE),
    'e1.pem': String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  });
  const args = `{"city":"L'Aquila $HOME","n":12345678901234567890}`;
  const execute = await hotlane(['sign', 'weather/now', '--json', args, '--bot', 'b'], { cwd });
  t.match(execute, { exitCode: 0, stderr: 'Signed with key k1: good for one call in the next minutes.\n' });
  const request = requestOf(argumentsOf(execute.stdout));
  t.equal(request.url.href, 'http://127.0.0.1:8181/execute/weather/now');
  t.equal(request.body, `{"user_id":"1","bot_id":"b","parameters":${args}}`);
  t.equal(admits(KEYS, request), 'admitted');

  const path = '/orders/17?all=true&q=%27';
  const flags = [
    '--as',
    'coze',
    '--method',
    'GET',
    '--path',
    path,
    '--user',
    "o'neill",
    '--conversation',
    '7',
  ];
  const key = ['--key', 'e1', '--secret-file', 'e1.pem', '--url', 'https://plugins.example.com/'];
  const native = await hotlane(['sign', 'weather/now', ...flags, ...key], { cwd });
  const get = requestOf(argumentsOf(native.stdout));
  t.equal(get.url.href, `https://plugins.example.com/p/weather${path}`);
  t.match(get.headers, [['X-Coze-Conversation-Id', '7'], ['X-Coze-User-Id', "o'neill"], []]);
  t.equal(admits(KEYS, get), 'admitted');
});

test('a service token is written out only when that is asked for', async (t) => {
  const cwd = ownFolder(t, { 'hotlane.config.json': JSON.stringify(FILE) });
  const hidden = await hotlane(['sign', 'digest/compute'], { cwd });
  t.notMatch(hidden.stdout + hidden.stderr, TOKEN.tokens[0]);
  t.match(hidden.stderr, /SERVICE_TOKEN/);
  const request = requestOf(argumentsOf(hidden.stdout, { SERVICE_TOKEN: "it's $1" }));
  t.equal(admits(TOKEN, request), 'admitted');

  const shown = await hotlane(['sign', 'digest/compute', '--show-secret', '--json-output'], { cwd });
  const { url, ...rest } = JSON.parse(shown.stdout);
  t.equal(url, 'http://127.0.0.1:8181/execute/digest/compute');
  t.strictSame(rest, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', key: "it's $1" },
    body: '{"user_id":"1","parameters":{}}',
  });
});

test('what is wrong is one sentence on standard error, and nothing is printed', async (t) => {
  const cwd = ownFolder(t, { 'hotlane.config.json': JSON.stringify(FILE) });
  t.strictSame(await hotlane(['sign', 'weather/now', '--key', 'k9'], { cwd }), {
    exitCode: 2,
    stdout: '',
    stderr: 'weather has no key k9; it has e1, k1.\n',
  });
});

const plan = (flags: Partial<CallFlags>, name = 'weather/now') =>
  planCall(name, { as: 'coze', method: 'POST', ...flags });

test('each contract has what belongs to it', async (t) => {
  t.match(plan({}), { target: '/p/weather/now', body: '{}', identity: ['', '', ''] });
  t.match(plan({ method: 'GET' }), { body: '', headers: {} });
  t.match(plan({ as: 'execute', conversation: '7' }), { identity: ['', '7', ''] });
  t.equal(plan({ as: 'execute', path: '/now' }), '--method and --path go with --as coze.');
  t.equal(plan({ method: 'GET', json: '{}' }), 'A GET has no body: put the arguments into --path.');
  for (const json of ['', '[]', 'null', '"a"', '{']) {
    t.equal(plan({ json }), '--json is not a JSON object.', json);
  }
  for (const path of ['now', '/a b', '/ä']) t.match(plan({ path }), /^--path begins with a slash/, path);
  t.equal(plan({ user: 'a\nb' }), 'User, bot and conversation are printable ASCII.');
  for (const name of ['weather', 'weather/', 'Weather/now', 'weather/now/then', '../now']) {
    t.equal(plan({}, name), 'Name plugin and tool, such as weather/current.', name);
  }
});

const choose = (rules: readonly AuthRule[], flags = {}) => credentialFor('weather', rules, flags);

test('the credential is that of the first rule that has one', async (t) => {
  const lark: AuthRule = { type: 'lark', encryptKey: 'a' };
  const dir = ownFolder(t, { 'rsa.pem': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' });
  t.match(choose([lark, TOKEN, KEYS]), { kind: 'token', place: 'header' });
  t.match(choose([lark, KEYS, TOKEN]), { kind: 'signature', key: { id: 'k1' } });
  t.match(choose([{ ...TOKEN, place: 'query' }]), { kind: 'token', place: 'query' });
  t.strictSame(choose([{ type: 'none' }]), { kind: 'none' });
  t.equal(choose([lark]), 'The auth of weather (lark) has nothing to sign with; see --secret-file.');
  t.match(choose([KEYS], { key: 'e1' }), /only the public half/);
  t.equal(choose([lark], { key: 'k1' }), 'weather has no key k1; it has none.');
  t.match(choose([KEYS], { secretFile: 'lost' }), /--key <id>/);
  t.match(choose([KEYS], { key: 'a', secretFile: join(dir, 'lost') }), /cannot be used: ENOENT/);
  t.match(choose([KEYS], { key: 'a', secretFile: join(dir, 'rsa.pem') }), /no Ed25519 private key/);
});

test('a token in the query is encoded when it is shown, and a variable when not', async (t) => {
  const call: ReadyCall = {
    method: 'GET',
    url: 'http://127.0.0.1/p/a/b?x=1',
    headers: {},
    body: '',
    secret: { name: 'key', place: 'query', token: 'a b&c' },
  };
  t.strictSame(argumentsOf(curlLine(call)), ['-sSg', 'http://127.0.0.1/p/a/b?x=1&key=a%20b%26c']);
  t.match(JSON.parse(requestJson(call)), { url: 'http://127.0.0.1/p/a/b?x=1&key=a%20b%26c', headers: {} });
  const secret = { name: 'key', place: 'query', token: undefined } as const;
  const hidden = curlLine({ ...call, url: 'http://127.0.0.1/', secret });
  t.strictSame(argumentsOf(hidden, { SERVICE_TOKEN: 'x' }), ['-sSg', 'http://127.0.0.1/?key=x']);
});

const at = (host: string, port = 8080, tlsKey?: string) => serverUrl(undefined, { host, port, tlsKey });
const named = (url: string) => serverUrl(url, { host: '127.0.0.1', port: 0, tlsKey: undefined });

test('the server is where it is said to be, or where its settings put it', async (t) => {
  t.equal(at('127.0.0.1'), 'http://127.0.0.1:8080');
  t.equal(at('0.0.0.0'), 'http://127.0.0.1:8080');
  t.equal(at('::', 8443, '/key.pem'), 'https://[::1]:8443');
  t.equal(at('127.0.0.1', 0), undefined);
  t.equal(at('not a host'), undefined);
  t.equal(named('https://example.com/plugins/'), 'https://example.com/plugins');
  for (const wrong of ['example.com', 'ftp://example.com', 'http://example.com/?a=1']) {
    t.equal(named(wrong), undefined, wrong);
  }
});
