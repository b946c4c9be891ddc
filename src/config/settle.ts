/** Chooses the value of each setting among the claims, and checks that the values go together. */
import type { Claim } from './claim.ts';
import type { Files } from './files.ts';
import { type Origin, type Problem, unexpected } from './origin.ts';
import {
  type Circumstances,
  SETTING_NAMES,
  SETTINGS,
  type SettingName,
  type SettingValues,
} from './setting-table.ts';

/** Settings on the way to being complete. A setting has a value exactly when it has an origin. */
export interface Draft {
  readonly values: { -readonly [Name in SettingName]?: SettingValues[Name] };
  readonly origins: Map<SettingName, Origin>;
  readonly problems: Problem[];
}

/**
 * Settles every setting. `claims` stand strongest first; the first good one wins, and every bad one becomes
 * a problem, also where a stronger one overrides it.
 */
export function settle(
  claims: readonly Claim[],
  machine: Omit<Circumstances, 'debug'>,
  files: Files,
  problems: Problem[],
): Draft {
  const draft: Draft = { values: {}, origins: new Map(), problems };
  for (const name of SETTING_NAMES) {
    const own = claims.filter((claim) => claim.name === name);
    const debug = draft.values.debug === true;
    settleOne(name, own, { ...machine, debug }, files, draft);
  }
  reportContradictions(draft);
  return draft;
}

export function isComplete(values: Draft['values']): values is SettingValues {
  return SETTING_NAMES.every((name) => name in values);
}

function settleOne<Name extends SettingName>(
  name: Name,
  claims: readonly Claim[],
  circumstances: Circumstances,
  files: Files,
  { values, origins, problems }: Draft,
): void {
  const { kind, defaultValue } = SETTINGS[name];
  let origin: Origin = { from: 'default' };
  let value = defaultValue(circumstances);
  // Weakest first, so that the last good claim stands.
  for (const claim of claims.toReversed()) {
    const read = kind.read(claim);
    if (read === undefined) {
      const message = kind.secret ? `expected ${kind.expects}` : unexpected(kind.expects, claim.raw);
      problems.push({ origin: claim.origin, message });
    } else {
      value = read;
      origin = claim.origin;
    }
  }
  const trouble = value === undefined || value === null ? undefined : kind.verify?.(value, files);
  if (trouble !== undefined) problems.push({ origin, message: `${name}: ${trouble}` });
  values[name] = value;
  origins.set(name, origin);
}

function reportContradictions({ values, origins, problems }: Draft): void {
  const report = (name: SettingName, message: string): void => {
    problems.push({ origin: origins.get(name) ?? { from: 'default' }, message });
  };
  const { port, adminPort, tlsKey, tlsCert } = values;
  if (port === adminPort && port !== 0) {
    const changed = origins.get('port')?.from === 'default' ? 'adminPort' : 'port';
    report(changed, `port and adminPort are both ${port}; they must differ`);
  }
  if (tlsKey !== undefined && tlsCert === undefined) {
    report('tlsKey', 'tlsKey is set but tlsCert is not; set both or none');
  }
  if (tlsCert !== undefined && tlsKey === undefined) {
    report('tlsCert', 'tlsCert is set but tlsKey is not; set both or none');
  }
}
