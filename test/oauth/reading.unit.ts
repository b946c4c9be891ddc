import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { test } from 'tap';
import { endpointsOf } from '../../src/oauth/endpoints.ts';
import { readKeys } from '../../src/oauth/key-ring.ts';
import { openTokenService } from '../../src/oauth/open-token-service.ts';
import { refusalOf } from '../../src/oauth/refusal.ts';
import { Secret } from '../../src/oauth/secret.ts';
import { SettingProblem } from '../../src/oauth/setting-problem.ts';
import { readTokens } from '../../src/oauth/tokens.ts';
import { ownFolder } from '../support/own-folder.ts';
import { KEY_A, KEY_B, recordingLog } from './scene.ts';

const NOW = 1_800_000_000_000;
const MATERIAL = KEY_A.slice(2);

test('what is sealed opens at its place only, and unchanged only', async (t) => {
  const keys = readKeys(KEY_A);
  fc.assert(
    fc.property(
      fc.string(),
      fc.array(fc.string()),
      fc.array(fc.string()),
      fc.nat(),
      (text, place, other, at) => {
        const sealed = keys.seal(text, place);
        t.equal(keys.open(sealed, place), text);
        t.not(keys.seal(text, place), sealed, 'never the same twice');
        if (JSON.stringify(place) !== JSON.stringify(other))
          t.throws(() => keys.open(sealed, other), { code: 'KEY_MISSING' });
        const [id = '', nonce = '', bytes = ''] = sealed.split('.');
        const changed = Buffer.from(bytes, 'base64url');
        const index = at % changed.length;
        changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
        t.throws(() => keys.open([id, nonce, changed.toString('base64url')].join('.'), place), {
          code: 'KEY_MISSING',
        });
      },
    ),
    { numRuns: 50 },
  );
  for (const broken of ['', 'a', 'a.b.c', 'b.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA'])
    t.throws(() => keys.open(broken, []), { code: 'KEY_MISSING' }, broken);
});

test('the problem with a list of keys is told without the keys', async (t) => {
  for (const [text, problem] of [
    ['', /^cozeTokenKeys: key 1 of 1 must be <id>:<32 bytes/],
    [MATERIAL, /^cozeTokenKeys: key 1 of 1 must be <id>/],
    [`${KEY_A},${MATERIAL}`, /^cozeTokenKeys: key 2 of 2 must be <id>/],
    [`${MATERIAL}:a`, /^cozeTokenKeys: key 1 of 1 must have an id of 1 to 32/],
    [`a:${MATERIAL.slice(4)}`, /^cozeTokenKeys: key 1 of 1 must have 32 bytes/],
    [`a:${MATERIAL}${MATERIAL}`, /^cozeTokenKeys: key 1 of 1 must have 32 bytes/],
    [`${KEY_A}, ${KEY_B} ,${KEY_A}`, /^cozeTokenKeys: key 3 of 3 has the id of a key before it/],
    [`${KEY_A}:more`, /^cozeTokenKeys: key 1 of 1 must be <id>/],
  ] as const) {
    const thrown: unknown = t.throws(() => readKeys(text), SettingProblem);
    t.match(thrown, { setting: 'cozeTokenKeys', message: problem });
    t.notOk(inspect(thrown).includes(MATERIAL.slice(8, 20)), 'nothing of a key');
  }
  t.notOk(inspect(readKeys(`${KEY_A},${KEY_B}`), { showHidden: true }).includes(MATERIAL));
});

test('expires_in is an absolute time, and is understood where it is not', async (t) => {
  const expiry = (told: unknown): number | undefined =>
    readTokens({ access_token: 'a', refresh_token: 'r', expires_in: told }, NOW)?.expiresAt;
  t.equal(expiry(1_800_000_900), 1_800_000_900_000, 'seconds since 1970');
  t.equal(expiry('1800000900'), 1_800_000_900_000, 'as a text');
  t.equal(expiry(1_800_000_900_000), 1_800_000_900_000, 'milliseconds since 1970');
  t.equal(expiry(7200), NOW + 7_200_000, 'seconds from now');
  for (const nonsense of [undefined, null, '', 'soon', -1, 0, Number.NaN, 1e300, {}])
    t.equal(expiry(nonsense), NOW + 300_000, `five minutes for ${String(nonsense)}`);
});

test('an answer without a usable access token is no answer', async (t) => {
  for (const access of [undefined, '', 7, 'a b', 'a\nb', 'ä', 'x'.repeat(9000)])
    t.equal(readTokens({ access_token: access, refresh_token: 'r', expires_in: 1 }, NOW), undefined);
  for (const value of [undefined, null, 'text', 7, []]) t.equal(readTokens(value, NOW), undefined);
});

test('only a refusal that names the token ends a grant', async (t) => {
  t.equal(meaning(400, { error_code: 'invalid_grant' }), 'over');
  t.equal(meaning(401, { error_code: 'expired_token', error_message: 'x' }), 'over');
  t.equal(meaning(400, { error: 'invalid_grant' }), 'over', 'as RFC 6749 has it');
  const said = ['Refresh token has expired', 'the refresh_token is invalid', 'invalid refresh token'];
  for (const message of said)
    t.equal(meaning(400, { error_code: 'invalid_request', error_message: message }), 'over', message);
  t.equal(meaning(400, { error_code: 'invalid_request', error_message: 'grant_type is missing' }), 'unknown');
  t.equal(meaning(400, { code: 4000, msg: 'bad request' }), 'unknown');
  t.equal(meaning(401, { error_code: 'invalid_client' }), 'CLIENT_REFUSED');
  t.equal(meaning(401, { code: 4100, msg: 'authentication is invalid' }), 'CLIENT_REFUSED');
  t.equal(meaning(400, { error_code: 'internal_error' }), 'PROVIDER_BUSY');
  for (const value of [null, [], {}, 'text', 7]) t.equal(meaning(400, value), 'PROVIDER_UNREADABLE');
});

test('a secret shows itself to nobody but who asks for it', async (t) => {
  const secret = new Secret('TOPSECRET');
  const shown = [
    `${secret}`,
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { showHidden: true }),
  ];
  for (const text of shown) t.notMatch(text, /TOPSECRET/);
  t.equal(secret.reveal(), 'TOPSECRET');
});

test('each region has its addresses, which settings replace', async (t) => {
  t.match(endpointsOf('cn'), {
    authorize: 'https://www.coze.cn/api/permission/oauth2/authorize',
    token: 'https://api.coze.cn/api/permission/oauth2/token',
  });
  t.match(endpointsOf('com', undefined, 'http://127.0.0.1:7070/'), {
    authorize: 'https://www.coze.com/api/permission/oauth2/authorize',
    token: 'http://127.0.0.1:7070/api/permission/oauth2/token',
  });
});

test('settings that cannot work are refused by name, before anything is opened', async (t) => {
  const settings = {
    region: 'com',
    clientId: 'id',
    clientSecret: 'TOPSECRET',
    redirectUri: 'https://plugins.example.com/oauth/coze/callback',
    tokenKeys: KEY_A,
    stateDir: ownFolder(t),
    redisUrl: undefined,
    webUrl: undefined,
    apiUrl: undefined,
  } as const;
  for (const [setting, wrong] of [
    ['cozeTokenKeys', { tokenKeys: 'TOPSECRET' }],
    ['cozeClientSecret', { clientSecret: 'TOPSECRET\n' }],
    ['redisUrl', { redisUrl: 'TOPSECRET' }],
  ] as const) {
    const thrown: unknown = t.throws(() => openTokenService({ ...settings, ...wrong }, recordingLog([])));
    t.match(thrown, { name: 'SettingProblem', setting });
    t.notMatch(inspect(thrown), /TOPSECRET/);
  }
  const service = openTokenService(settings, recordingLog([]));
  t.teardown(() => service.close());
  t.equal(await service.check(), undefined);
  const begun = await service.begin('1', 'session');
  t.match(begun, { kind: 'begun', url: /^https:\/\/www\.coze\.com\/api\/permission\/oauth2\/authorize\?/ });
  await t.rejects(service.begin('', 'session'), RangeError);
});

/** What a refusal means: its kind, and of a failure the code. */
function meaning(status: number, value: unknown): string {
  const refusal = refusalOf(status, value, []);
  return refusal.kind === 'failed' ? refusal.failure.code : refusal.kind;
}
