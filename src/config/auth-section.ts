/**
 * Reads `auth` of a plugin: a list of rules, any of which admits a call.
 *
 *   [{ "type": "service-token", "tokens": ["…"] }, { "type": "signature", "keys": [{ "id": "k1", … }] }]
 */
import type { AuthRule } from '../core/auth-rules.ts';
import { AuthFields } from './auth-fields.ts';
import { readSignatureKey } from './auth-keys.ts';
import type { SecretSource } from './auth-secret.ts';
import { didYouMean } from './nearest-name.ts';
import { type Complain, isRecord } from './section-fields.ts';

const READERS: { readonly [Type in AuthRule['type']]: (fields: AuthFields) => AuthRule } = {
  'service-token': (fields) => ({
    type: 'service-token',
    name: fields.text(
      'name',
      /^[A-Za-z0-9_-]{1,64}$/,
      'the name of a header or query parameter',
      'X-Service-Token',
    ),
    place: fields.choice('in', ['header', 'query', 'both'], 'header'),
    tokens: fields.secrets('tokens', tokenTrouble),
  }),
  signature: (fields) => {
    const ids = new Set<string>();
    return {
      type: 'signature',
      toleranceS: fields.integer('toleranceS', 1, 3600, 300),
      keys: fields.objects('keys', (key) => readSignatureKey(key, ids)),
    };
  },
  'coze-callback': (fields) => ({ type: 'coze-callback', token: fields.secret('token') }),
  lark: (fields) => ({ type: 'lark', encryptKey: fields.secret('encryptKey') }),
  'standard-webhooks': (fields) => ({
    type: 'standard-webhooks',
    secrets: fields.secrets('secrets', webhookTrouble),
  }),
  none: () => ({ type: 'none' }),
};

const TYPES = Object.keys(READERS);

/** Undefined, and a complaint, when there is something wrong with one of them. */
export function readAuthRules(
  raw: unknown,
  key: string,
  source: SecretSource,
  complain: Complain,
): readonly AuthRule[] | undefined {
  if (!Array.isArray(raw) || raw.length === 0) {
    complain(key, 'expected an array of at least one rule, such as [{"type": "none"}]');
    return undefined;
  }
  const rules = raw.map((one: unknown, index) => readRule(one, `${key}.${index}`, source, complain));
  if (rules.length > 1 && rules.some((rule) => rule?.type === 'none')) {
    complain(key, 'none admits every call, so the other rules would have no effect; drop it or them');
  }
  if (rules.filter((rule) => rule?.type === 'standard-webhooks').length > 1)
    complain(key, 'with two rules of standard-webhooks a message could come twice; put all secrets into one');
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
}

function readRule(raw: unknown, key: string, source: SecretSource, complain: Complain): AuthRule | undefined {
  if (!isRecord(raw)) {
    complain(key, 'expected a JSON object with a type');
    return undefined;
  }
  const { type, ...rest } = raw;
  if (!isType(type)) {
    const guess = typeof type === 'string' ? didYouMean(type, TYPES) : '';
    complain(`${key}.type`, `expected one of ${TYPES.join(', ')}${guess}`);
    return undefined;
  }
  const fields = new AuthFields(rest, key, source, complain);
  const rule = READERS[type](fields);
  return fields.isWhole() ? rule : undefined;
}

const isType = (type: unknown): type is AuthRule['type'] =>
  typeof type === 'string' && Object.hasOwn(READERS, type);

/** What no header can carry would never be right. */
function tokenTrouble(token: string): string | undefined {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(token)
    ? undefined
    : 'a token is printable ASCII without blanks at its ends';
}

function webhookTrouble(secret: string): string | undefined {
  const [, base64 = ''] = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  // The standard asks for 24 to 64 bytes.
  return Buffer.from(base64, 'base64').length >= 24
    ? undefined
    : 'a secret is whsec_ and at least 24 bytes in base64';
}
