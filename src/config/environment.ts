/** Reads the environment: what it claims about settings, and which of its variables nobody knows. */
import { resolve } from 'node:path';
import type { Claim } from './claim.ts';
import type { Files } from './files.ts';
import { didYouMean } from './nearest-name.ts';
import type { Problem } from './origin.ts';
import { isServiceLink } from './service-link.ts';
import { SETTING_NAMES, SETTINGS, type SettingName, variableOf } from './setting-table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file, as the flag `--config` does. */
export const CONFIG_VARIABLE = 'HOTLANE_CONFIG';

/** Ends the name of a variable that holds the path of a file with the secret, as container platforms mount them. */
export const FILE_SUFFIX = '_FILE';

/** Every variable that means a setting; `indirect` ones name a file with the value. */
const variables = new Map<string, { readonly name: SettingName; readonly indirect: boolean }>();
for (const name of SETTING_NAMES) {
  variables.set(variableOf(name), { name, indirect: false });
  if (SETTINGS[name].kind.secret) variables.set(variableOf(name) + FILE_SUFFIX, { name, indirect: true });
}

/**
 * An empty variable counts as unset: container files often pass on what they do not have. `named`: variables that the
 * configuration file takes secrets from.
 */
export function readEnvironment(
  env: Environment,
  cwd: string,
  files: Files,
  problems: Problem[],
  named: ReadonlySet<string>,
): Claim[] {
  const claims: Claim[] = [];
  for (const [variable, value = ''] of Object.entries(env)) {
    if (!variable.startsWith('HOTLANE_') || value === '' || variable === CONFIG_VARIABLE) continue;
    if (isServiceLink(variable, value)) continue;
    const meaning = variables.get(variable);
    const origin = { from: 'environment', variable } as const;
    if (meaning === undefined) {
      if (named.has(variable)) continue;
      const guess = didYouMean(variable, [...variables.keys(), CONFIG_VARIABLE]);
      problems.push({ origin, message: `no setting has this variable${guess}` });
    } else if (!meaning.indirect) {
      claims.push({ name: meaning.name, origin, form: 'text', raw: value, base: cwd });
    } else {
      const direct = variableOf(meaning.name);
      const content = files.read(resolve(cwd, value));
      if ((env[direct] ?? '') !== '') {
        problems.push({ origin, message: `${direct} is set as well; set only one of the two` });
      } else if (content.outcome === 'text') {
        const raw = withoutLineBreak(content.text);
        claims.push({ name: meaning.name, origin, form: 'text', raw, base: cwd });
      } else {
        const reason = content.outcome === 'missing' ? 'there is no such file' : content.reason;
        problems.push({ origin, message: `${value} cannot be read: ${reason}` });
      }
    }
  }
  return claims;
}

/** Editors and `echo` end a file with a line break that is not part of the secret. */
export function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}
