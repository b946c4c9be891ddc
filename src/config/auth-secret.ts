/**
 * A secret as the configuration file has it: itself, the name of a file that holds it, or the name of a variable.
 *
 *   "tokens": ["…", { "file": "/run/secrets/weather" }, { "env": "HOTLANE_WEATHER_TOKEN" }]
 *
 * Nothing said here about what is wrong repeats what was found: it might be the secret.
 */
import { resolve } from 'node:path';
import { type Environment, FILE_SUFFIX, withoutLineBreak } from './environment.ts';
import type { Files } from './files.ts';
import { isRecord } from './section-fields.ts';

/** Where secrets may lie. */
export interface SecretSource {
  readonly files: Files;
  readonly env: Environment;
  /** Absolute; relative paths start here. */
  readonly folder: string;
  /** The variables that were asked for, so that nobody takes them for misspelt settings. */
  readonly named: Set<string>;
}

const EXPECTED =
  'expected a secret: text, {"file": "<path>"} or {"env": "HOTLANE_…"}; what is there is not shown';
/** Of other variables, plugins have copies. */
const VARIABLE = /^HOTLANE_[A-Z0-9_]+$/;

/** What is wrong, for the one who wrote the file. */
export interface NoSecret {
  readonly trouble: string;
}

const none = (trouble: string): NoSecret => ({ trouble });

/** The secret, never empty, or why there is none. */
export function readSecret(raw: unknown, source: SecretSource): string | NoSecret {
  const found = findSecret(raw, source);
  return found === '' ? none('the secret is empty') : found;
}

function findSecret(raw: unknown, source: SecretSource): string | NoSecret {
  if (typeof raw === 'string') return raw;
  if (!isRecord(raw) || Object.keys(raw).length !== 1) return none(EXPECTED);
  const { file, env } = raw;
  if (typeof file === 'string' && file !== '') return fromFile(file, source);
  return typeof env === 'string' ? fromVariable(env, source) : none(EXPECTED);
}

function fromFile(path: string, { files, folder }: SecretSource): string | NoSecret {
  const place = resolve(folder, path);
  const content = files.read(place);
  switch (content.outcome) {
    case 'text':
      return withoutLineBreak(content.text);
    case 'missing':
      return none(`there is no file at ${place}`);
    case 'unreadable':
      return none(`${place} cannot be read: ${content.reason}`);
  }
}

/** `HOTLANE_X` itself, or the file that `HOTLANE_X_FILE` names. */
function fromVariable(variable: string, source: SecretSource): string | NoSecret {
  if (!VARIABLE.test(variable) || variable.endsWith(FILE_SUFFIX)) {
    return none(
      `expected a variable that begins with HOTLANE_, which keeps it from plugins, and does not end with ${FILE_SUFFIX}`,
    );
  }
  const indirect = variable + FILE_SUFFIX;
  source.named.add(variable).add(indirect);
  const { [variable]: secret = '', [indirect]: path = '' } = source.env;
  if (secret !== '' && path !== '') {
    return none(`${variable} and ${indirect} are both set; set only one of the two`);
  }
  if (path !== '') return fromFile(path, source);
  return secret === '' ? none(`neither ${variable} nor ${indirect} is set`) : secret;
}
