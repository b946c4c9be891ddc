/** `hotlane sign`: a call, ready to be made, with what the plugin's auth asks for. */
import { signRequest } from '../auth/sign.ts';
import { authRulesOf } from '../config/auth-exposure.ts';
import type { Flags } from '../config/claim.ts';
import type { Manifest } from '../config/manifest.ts';
import { EXIT } from './exit-codes.ts';
import { resolveSettings } from './resolve-settings.ts';
import { type CallFlags, type PlannedCall, planCall } from './sign-call.ts';
import { type Credential, type CredentialFlags, credentialFor } from './sign-credential.ts';
import { curlLine, type ReadyCall, requestJson } from './sign-curl.ts';
import { serverUrl } from './sign-server.ts';

export interface SignFlags extends CallFlags, CredentialFlags, Pick<Flags, 'config' | 'host' | 'port'> {
  readonly url?: string;
  readonly showSecret?: true;
  readonly jsonOutput?: true;
}

/** Prints to standard output; what is wrong goes to standard error and the exit code. */
export function signCall(name: string, flags: SignFlags, manifest: Manifest): void {
  const { config, host, port } = flags;
  const given = Object.entries({ config, host, port }).filter(([, value]) => value !== undefined);
  const settings = resolveSettings(Object.fromEntries(given), manifest)?.settings;
  if (settings === undefined) return;
  const call = planCall(name, flags);
  if (typeof call === 'string') return refuse(call);
  const url = serverUrl(flags.url, settings);
  if (url === undefined) return refuse('Name the server with --url, such as http://127.0.0.1:8080.');
  const credential = credentialFor(call.plugin, authRulesOf(settings, call.plugin), flags);
  if (typeof credential === 'string') return refuse(credential);
  const ready = prepare(call, url, credential, flags.showSecret === true);
  process.stdout.write(flags.jsonOutput ? requestJson(ready) : `${curlLine(ready)}\n`);
  process.stderr.write(`${noteOn(credential, call.plugin, flags.showSecret === true)}\n`);
}

/** The call with its credential in place. */
function prepare(call: PlannedCall, url: string, credential: Credential, showSecret: boolean): ReadyCall {
  const { method, target, headers, body, identity } = call;
  const plain = { method, url: url + target, headers, body, secret: undefined };
  switch (credential.kind) {
    case 'none':
      return plain;
    case 'signature': {
      const request = { method, target, identity, body: Buffer.from(body) };
      const value = signRequest(credential.key, request, Math.floor(Date.now() / 1000));
      return { ...plain, headers: { ...headers, 'X-Coze-Plugin-Signature': value } };
    }
    case 'token': {
      const { name, place, token } = credential;
      return { ...plain, secret: { name, place, token: showSecret ? token : undefined } };
    }
  }
}

function noteOn(credential: Credential, plugin: string, showSecret: boolean): string {
  switch (credential.kind) {
    case 'none':
      return `${plugin} has no authentication; nothing is signed.`;
    case 'signature':
      return `Signed with key ${credential.key.id}: good for one call in the next minutes.`;
    case 'token':
      return showSecret
        ? 'A service token is in it: take care where it goes.'
        : 'Put the service token into SERVICE_TOKEN first, or add --show-secret.';
  }
}

function refuse(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = EXIT.usage;
}
