import { generateKeyPairSync } from 'node:crypto';
import { test } from 'tap';
import { authRulesOf, unguardedPlugins, unguardedSentence } from '../../src/config/auth-exposure.ts';
import { describeRule } from '../../src/config/auth-text.ts';
import { accepted, type Disk, problemsOf } from '../config/surroundings.ts';

type Auth = readonly unknown[] | string;

const fileWith = (auth: Auth) => ({ pluginSettings: { weather: { auth } } });

/** The rules of `weather` as they are read. */
function rulesOf(auth: Auth, given: { env?: Record<string, string>; disk?: Disk } = {}) {
  return accepted({ file: fileWith(auth), ...given }).settings.pluginSettings.weather?.auth;
}

/** The problems, without the file and the key all have in common. */
function problems(auth: Auth, given: { env?: Record<string, string>; disk?: Disk } = {}): string[] {
  const place = 'file /app/hotlane.config.json, key pluginSettings.weather.auth';
  return problemsOf({ file: fileWith(auth), ...given }).map((one) => one.replace(place, ''));
}

const hmac = (more: object = {}) => ({
  id: 'k1',
  algorithm: 'hmac-sha256',
  secret: 'sixteen letters!',
  ...more,
});

test('every kind of rule is read, with its defaults', async (t) => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ type: 'spki', format: 'pem' });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const keys = [pem, der.toString('base64'), der.subarray(-32).toString('base64')].map((text, index) => ({
    id: `e${index}`,
    algorithm: 'ed25519',
    publicKey: text,
  }));
  const rules = rulesOf([
    { type: 'service-token', tokens: ['sesame', 'Bearer sesame'] },
    { type: 'service-token', name: 'key', in: 'query', tokens: ['sesame'] },
    { type: 'signature', keys: [hmac(), ...keys] },
    { type: 'signature', toleranceS: 30, keys: [hmac()] },
    { type: 'coze-callback', token: 'sesame' },
    { type: 'lark', encryptKey: 'sesame' },
    { type: 'standard-webhooks', secrets: [`whsec_${'A'.repeat(32)}`] },
  ]);
  t.strictSame(rules, [
    { type: 'service-token', name: 'X-Service-Token', place: 'header', tokens: ['sesame', 'Bearer sesame'] },
    { type: 'service-token', name: 'key', place: 'query', tokens: ['sesame'] },
    {
      type: 'signature',
      toleranceS: 300,
      keys: [hmac(), ...keys.map(({ id, algorithm }) => ({ id, algorithm, publicKey: pem }))],
    },
    { type: 'signature', toleranceS: 30, keys: [hmac()] },
    { type: 'coze-callback', token: 'sesame' },
    { type: 'lark', encryptKey: 'sesame' },
    { type: 'standard-webhooks', secrets: [`whsec_${'A'.repeat(32)}`] },
  ]);
  t.strictSame(rulesOf([{ type: 'none' }]), [{ type: 'none' }]);
});

test('a secret can lie in a file or a variable; a line break that ends the file is not part of it', async (t) => {
  const tokens = [
    'here',
    { file: 'secrets/token' },
    { file: '/run/token' },
    { env: 'HOTLANE_WEATHER_TOKEN' },
    { env: 'HOTLANE_OTHER' },
  ];
  const given = {
    env: { HOTLANE_WEATHER_TOKEN: 'in a variable', HOTLANE_OTHER_FILE: '/run/other' },
    disk: { '/app/secrets/token': 'beside\n', '/run/token': 'elsewhere\r\n', '/run/other': 'two steps' },
  };
  const [rule] = rulesOf([{ type: 'service-token', tokens }], given) ?? [];
  t.strictSame(rule?.type === 'service-token' && rule.tokens, [
    'here',
    'beside',
    'elsewhere',
    'in a variable',
    'two steps',
  ]);
});

test('a variable that no secret is taken from is still an unknown one', async (t) => {
  const given = { env: { HOTLANE_WEATHER_TOKEN: 'sesame', HOTLANE_UNASKED_FOR_BY_ANY_RULE: 'sesame' } };
  t.strictSame(problems([{ type: 'lark', encryptKey: { env: 'HOTLANE_WEATHER_TOKEN' } }], given), [
    'env HOTLANE_UNASKED_FOR_BY_ANY_RULE: no setting has this variable',
  ]);
});

test('a secret that cannot be had is told by its key', async (t) => {
  const given = {
    env: { HOTLANE_A: 'a', HOTLANE_A_FILE: '/a' },
    disk: { '/bad': new Error('EACCES'), '/none': '\n' },
  };
  const told = (encryptKey: unknown): string[] =>
    problems([{ type: 'lark', encryptKey }], given).filter((problem) => problem.startsWith('.0'));
  const at = '.0.encryptKey: ';
  t.strictSame(told(''), [`${at}the secret is empty`]);
  t.strictSame(told({ file: '/none' }), [`${at}the secret is empty`]);
  t.strictSame(told({ file: 'lost' }), [`${at}there is no file at /app/lost`]);
  t.strictSame(told({ file: '/bad' }), [`${at}/bad cannot be read: EACCES`]);
  t.strictSame(told({ env: 'HOTLANE_B' }), [`${at}neither HOTLANE_B nor HOTLANE_B_FILE is set`]);
  t.strictSame(told({ env: 'HOTLANE_A' }), [
    `${at}HOTLANE_A and HOTLANE_A_FILE are both set; set only one of the two`,
  ]);
  for (const env of ['WEATHER', 'hotlane_a', 'HOTLANE_A_FILE']) {
    t.match(told({ env }), [/expected a variable that begins with HOTLANE_/], env);
  }
  for (const wrong of [undefined, 7, [], {}, { text: 'sesame' }, { file: '/none', env: 'HOTLANE_A' }]) {
    t.match(told(wrong), [/^\.0\.encryptKey: expected a secret/], JSON.stringify(wrong));
  }
});

test('every problem of auth names its key, and none shows what stands there', async (t) => {
  const token = 'sesame';
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
  const found = problems([
    token,
    { type: token },
    { type: 'signatur' },
    { type: 'service-token', token },
    { type: 'service-token', tokens: token },
    { type: 'service-token', tokens: [` ${token}`, 'sésame'], name: 'a b', in: 'body' },
    { type: 'signature', keys: [], toleranceS: 0 },
    {
      type: 'signature',
      keys: [
        hmac({ secret: token }),
        hmac({ id: 'k 1' }),
        hmac(),
        { id: 'k2', algorithm: 'md5', secret: hmac().secret },
        { id: 'k3', algorithm: 'ed25519', publicKey: token },
        { id: 'k4', algorithm: 'ed25519', publicKey: rsa.export({ type: 'spki', format: 'pem' }) },
        { id: 'k5', algorithm: 'ed25519', secret: token },
        token,
      ],
    },
    { type: 'standard-webhooks', secrets: ['whsec_c2VzYW1l'] },
  ]);
  t.strictSame(found, [
    '.0: expected a JSON object with a type',
    '.1.type: expected one of service-token, signature, coze-callback, lark, standard-webhooks, none',
    '.2.type: expected one of service-token, signature, coze-callback, lark, standard-webhooks, none; did you mean signature?',
    '.3.tokens: expected an array of secrets, at least one',
    '.3.token: no setting has this name; did you mean tokens?',
    '.4.tokens: expected an array of secrets, at least one',
    '.5.name: expected the name of a header or query parameter',
    '.5.in: expected one of header, query, both',
    '.5.tokens.0: a token is printable ASCII without blanks at its ends',
    '.5.tokens.1: a token is printable ASCII without blanks at its ends',
    '.6.toleranceS: expected a whole number from 1 to 3600',
    '.6.keys: expected an array of JSON objects, at least one',
    '.7.keys.0.secret: a secret has at least 16 characters, better 32 random bytes in base64',
    '.7.keys.1.id: expected 1 to 64 letters, digits, dots, hyphens or underscores',
    '.7.keys.2.id: another key has this id; a request could not tell which',
    '.7.keys.3.algorithm: expected one of hmac-sha256, ed25519',
    '.7.keys.4.publicKey: expected an Ed25519 public key, in PEM form or in base64',
    '.7.keys.5.publicKey: expected an Ed25519 public key, in PEM form or in base64',
    `.7.keys.6.publicKey: expected a secret: text, {"file": "<path>"} or {"env": "HOTLANE_…"}; what is there is not shown`,
    '.7.keys.6.secret: no setting has this name',
    '.7.keys.7: expected a JSON object',
    '.7.keys.7.id: expected 1 to 64 letters, digits, dots, hyphens or underscores',
    '.7.keys.7.algorithm: expected one of hmac-sha256, ed25519',
    `.7.keys.7.secret: expected a secret: text, {"file": "<path>"} or {"env": "HOTLANE_…"}; what is there is not shown`,
    '.8.secrets.0: a secret is whsec_ and at least 24 bytes in base64',
  ]);
  t.notOk(found.some((problem) => problem.includes(token)));
});

test('none stands alone, and a list has at least one rule', async (t) => {
  t.strictSame(problems([{ type: 'none' }, { type: 'lark', encryptKey: 'a' }]), [
    ': none admits every call, so the other rules would have no effect; drop it or them',
  ]);
  for (const auth of [[], 'none']) {
    t.strictSame(problems(auth), [': expected an array of at least one rule, such as [{"type": "none"}]']);
  }
});

test('two rules that would let a message come twice are refused', async (t) => {
  const webhooks = { type: 'standard-webhooks', secrets: [`whsec_${'A'.repeat(32)}`] };
  t.strictSame(problems([webhooks, webhooks]), [
    ': with two rules of standard-webhooks a message could come twice; put all secrets into one',
  ]);
});

test('a plugin without rules of its own has the server’s service tokens, or none', async (t) => {
  const { settings } = accepted({
    file: { ...fileWith([{ type: 'none' }]), serviceTokenName: 'key' },
    env: { HOTLANE_SERVICE_TOKEN: 'one, two,' },
  });
  t.strictSame(authRulesOf(settings, 'weather'), [{ type: 'none' }]);
  t.strictSame(authRulesOf(settings, 'constructor'), [
    { type: 'service-token', name: 'key', place: 'both', tokens: ['one', 'two'] },
  ]);
  t.strictSame(authRulesOf(accepted().settings, 'weather'), [{ type: 'none' }]);
});

test('a plugin that anybody on the network could call is named, unless that is allowed', async (t) => {
  const file = fileWith([{ type: 'lark', encryptKey: 'a' }]);
  const named = (flags: Record<string, string | boolean>, env = {}) =>
    unguardedPlugins(accepted({ file, flags, env }).settings, ['weather', 'echo']);
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST']) {
    t.strictSame(named({ host }), [], host);
  }
  for (const host of ['0.0.0.0', '::', '10.0.0.7', '128.0.0.1', '127.0.0.1.example.com', 'example.com']) {
    t.strictSame(named({ host }), ['echo'], host);
  }
  t.strictSame(named({ host: '0.0.0.0', allowUnauthenticated: true }), []);
  t.strictSame(named({ host: '0.0.0.0' }, { HOTLANE_SERVICE_TOKEN: 'sesame' }), []);
  t.equal(
    unguardedSentence('echo', '0.0.0.0'),
    'echo has no authentication, but 0.0.0.0 can be reached from other machines; set serviceToken, pluginSettings.echo.auth or allowUnauthenticated.',
  );
});

test('rules in words hold no secret', async (t) => {
  const secret = `whsec_${'S'.repeat(32)}`;
  const rules = rulesOf([
    { type: 'service-token', in: 'both', tokens: [secret, secret] },
    { type: 'signature', keys: [hmac({ secret })] },
    { type: 'coze-callback', token: secret },
    { type: 'lark', encryptKey: secret },
    { type: 'standard-webhooks', secrets: [secret] },
  ]);
  t.strictSame(rules?.map(describeRule), [
    'service-token: header or query X-Service-Token, ***, ***',
    'signature: keys k1 (hmac-sha256), within 300 s',
    'coze-callback: ***',
    'lark: ***',
    'standard-webhooks: ***',
  ]);
});
