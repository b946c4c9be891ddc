/** What a call needs to be admitted, from the plugin's rules. */
import { readFileSync } from 'node:fs';
import { type SigningKey, signingKey } from '../auth/sign.ts';
import type { AuthRule, SignatureKey } from '../core/auth-rules.ts';

export interface CredentialFlags {
  readonly key?: string;
  readonly secretFile?: string;
}

export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'signature'; readonly key: SigningKey }
  | {
      readonly kind: 'token';
      readonly name: string;
      readonly place: 'header' | 'query';
      readonly token: string;
    };

/** Why there is none, in a sentence, where there is none. */
export function credentialFor(
  plugin: string,
  rules: readonly AuthRule[],
  { key, secretFile }: CredentialFlags,
): Credential | string {
  if (secretFile !== undefined) {
    return key === undefined ? 'Name the key as well: --key <id>.' : fromFile(key, secretFile);
  }
  if (key !== undefined) return fromKeys(plugin, keysOf(rules), key);
  const credential = rules.map(firstOf).find((one) => one !== undefined);
  const types = rules.map(({ type }) => type).join(', ');
  return credential ?? `The auth of ${plugin} (${types}) has nothing to sign with; see --secret-file.`;
}

const keysOf = (rules: readonly AuthRule[]): readonly SignatureKey[] =>
  rules.flatMap((rule) => (rule.type === 'signature' ? rule.keys : []));

function fromFile(id: string, path: string): Credential | string {
  try {
    return { kind: 'signature', key: signingKey(id, readFileSync(path, 'utf8').replace(/\r?\n$/, '')) };
  } catch (error) {
    return `${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function fromKeys(plugin: string, keys: readonly SignatureKey[], id: string): Credential | string {
  const found = keys.find((key) => key.id === id);
  if (found === undefined) {
    const known = keys.map((key) => key.id).join(', ');
    return `${plugin} has no key ${id}; ${known === '' ? 'it has none' : `it has ${known}`}.`;
  }
  return (
    fromKey(found) ??
    `Of key ${id} the server has only the public half; name the other one with --secret-file.`
  );
}

function fromKey(key: SignatureKey): Credential | undefined {
  return key.algorithm === 'hmac-sha256'
    ? { kind: 'signature', key: signingKey(key.id, key.secret) }
    : undefined;
}

/** Undefined: this rule has nothing to call with. */
function firstOf(rule: AuthRule): Credential | undefined {
  switch (rule.type) {
    case 'none':
      return { kind: 'none' };
    case 'service-token': {
      const { name, place, tokens } = rule;
      const [token] = tokens;
      return token === undefined
        ? undefined
        : { kind: 'token', name, place: place === 'query' ? 'query' : 'header', token };
    }
    case 'signature':
      return rule.keys.map(fromKey).find((one) => one !== undefined);
    case 'coze-callback':
    case 'lark':
    case 'standard-webhooks':
      return undefined;
  }
}
