/**
 * Does a plugin say it works with this version of hotlane? `engines.hotlane`, a semver range, in the default
 * export or in a package.json in the plugin's folder. The only importer of semver.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asRecord, shown } from './members.ts';

/** Rejects with a sentence when a declared range is none, or leaves this version out. */
export async function checkEngineRange(engines: unknown, folder: string): Promise<void> {
  const declared = [
    { at: 'engines.hotlane', range: rangeIn(engines, 'engines') },
    {
      at: 'engines.hotlane in package.json',
      range: rangeIn(packageOf(folder).engines, 'engines in package.json'),
    },
  ].filter(({ range }) => range !== undefined);
  if (declared.length === 0) return;
  // Few plugins declare a range, so the others need not wait for it.
  const { default: semver } = await import('semver');
  const version = ownVersion();
  for (const { at, range } of declared) {
    if (typeof range !== 'string' || semver.validRange(range) === null) {
      throw new TypeError(`${at} must be a semver range such as "^1.0.0", not ${shown(range)}`);
    }
    if (!semver.satisfies(version, range, { includePrerelease: true })) {
      throw new Error(`${at} asks for ${range}, this is hotlane ${version}`);
    }
  }
}

function rangeIn(engines: unknown, what: string): unknown {
  return engines === undefined ? undefined : asRecord(engines, what).hotlane;
}

function packageOf(folder: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(join(folder, 'package.json'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  try {
    return asRecord(JSON.parse(text), 'package.json');
  } catch (error) {
    throw new TypeError(
      `package.json cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

function ownVersion(): string {
  const file = new URL(import.meta.resolve('hotlane/package.json'));
  return String(asRecord(JSON.parse(readFileSync(file, 'utf8')), 'package.json').version);
}
