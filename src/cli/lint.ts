/** `hotlane lint`: can Coze import plugins, or documents from elsewhere, as they are meant? */
import { existsSync } from 'node:fs';
import type { Flags } from '../config/claim.ts';
import type { Manifest } from '../config/manifest.ts';
import type { Settings } from '../config/settings.ts';
import { EXIT } from './exit-codes.ts';
import { lintFile } from './lint-file.ts';
import { lintPlugin } from './lint-plugin.ts';
import type { Linted } from './lint-result.ts';
import { PluginFolder } from './openapi-source.ts';
import { resolveSettings } from './resolve-settings.ts';

export interface LintFlags extends Flags {
  readonly json?: true;
}

/** Findings go to standard output, the sum of them to standard error. */
export async function lint(subjects: readonly string[], flags: LintFlags, manifest: Manifest): Promise<void> {
  const { json, ...settingFlags } = flags;
  const resolved = resolveSettings(settingFlags, manifest);
  if (resolved === undefined) return;
  const results = await lintAll(subjects, resolved.settings);
  const all = results.flatMap(({ findings }) => findings);
  const losses = all.filter(({ severity }) => severity === 'loss').length;
  const errors = all.length - losses;
  if (json) process.stdout.write(`${JSON.stringify({ errors, losses, subjects: results.map(shown) })}\n`);
  else {
    for (const { lines } of results) process.stdout.write(lines.map((one) => `${one}\n`).join(''));
    process.stderr.write(summary(results.length, errors, losses));
  }
  if (errors > 0) process.exitCode = EXIT.failed;
  if (results.some(({ kind }) => kind === 'unknown')) process.exitCode = EXIT.usage;
}

async function lintAll(subjects: readonly string[], settings: Settings): Promise<readonly Linted[]> {
  const folder = new PluginFolder(settings);
  try {
    const results: Linted[] = [];
    for (const subject of subjects.length === 0 ? folder.names : subjects)
      results.push(
        isFile(subject, folder) ? await lintFile(subject) : await lintPlugin(subject, folder, settings),
      );
    return results;
  } finally {
    folder.close();
  }
}

/** No name of a plugin has a dot or slash. */
function isFile(subject: string, folder: PluginFolder): boolean {
  return /[./\\]/.test(subject) || (!folder.names.includes(subject) && existsSync(subject));
}

function shown({ name, kind, findings }: Linted): object {
  return { name, kind, findings };
}

function summary(subjects: number, errors: number, losses: number): string {
  const checked = `${count(subjects, 'subject')} checked`;
  return errors + losses === 0
    ? `${checked}, nothing found\n`
    : `${checked}: ${count(errors, 'error')}, ${count(losses, 'loss', 'losses')}\n`;
}

function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
