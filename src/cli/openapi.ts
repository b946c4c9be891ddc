/** `hotlane openapi`: the files a plugin is imported into Coze from. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authRulesOf } from '../config/auth-exposure.ts';
import type { Flags } from '../config/claim.ts';
import type { Manifest } from '../config/manifest.ts';
import type { Settings } from '../config/settings.ts';
import { cozeManifest } from '../openapi/coze-manifest.ts';
import { documentAuth } from '../openapi/document-auth.ts';
import { type PluginDocument, pluginDocument } from '../openapi/plugin-document.ts';
import { yamlText } from '../openapi/yaml-text.ts';
import type { JsonObject } from '../wire/json-schema.ts';
import { EXIT } from './exit-codes.ts';
import { findingLine } from './lint-lines.ts';
import { adviceLines } from './openapi-advice.ts';
import { type Declared, PluginFolder } from './openapi-source.ts';
import { resolveSettings } from './resolve-settings.ts';

export interface OpenapiFlags extends Flags {
  readonly for: 'coze';
  readonly out?: string;
  readonly url?: string;
  readonly stdout?: true;
  readonly json?: true;
}

/** Standard error and the exit code say what is wrong. */
export async function exportPlugin(plugin: string, flags: OpenapiFlags, manifest: Manifest): Promise<void> {
  const { for: _platform, out, url: given, stdout, json, ...settingFlags } = flags;
  const resolved = resolveSettings({ ...settingFlags, ...(given && { publicUrl: given }) }, manifest);
  if (resolved === undefined) return;
  const { settings } = resolved;
  const url = settings.publicUrl;
  if (url === undefined) {
    fail(
      EXIT.usage,
      'The document needs the address at which Coze reaches this server: give it with --url https://… or set publicUrl.\n',
    );
    return;
  }
  const declared = await readPlugin(plugin, settings);
  if (declared.kind !== 'declared') {
    fail(declared.kind === 'unknown' ? EXIT.refused : EXIT.rejected, declared.reason);
    return;
  }
  const rules = authRulesOf(settings, plugin);
  const auth = documentAuth(rules);
  const made = pluginDocument(declared.manifest, { url, auth });
  const cozes = cozeManifest(declared.manifest, auth);
  for (const finding of made.findings) process.stderr.write(`${findingLine(finding, process.stderr)}\n`);
  const toolCount = declared.manifest.tools.length;
  const isEmpty = made.leftOut.length === toolCount;
  if (json) process.stdout.write(`${JSON.stringify(asJson(plugin, made, cozes))}\n`);
  else if (isEmpty)
    fail(EXIT.rejected, `No tool of ${plugin} can be offered to Coze; nothing was written.\n`);
  else if (stdout) process.stdout.write(yamlText(made.document));
  else if (!(await write(out ?? join('coze', plugin), made.document, cozes))) return;
  for (const line of adviceLines(plugin, url, rules)) process.stderr.write(`${line}\n`);
  if (isEmpty) process.exitCode = EXIT.rejected;
  else if (made.leftOut.length > 0) {
    fail(EXIT.failed, `Left out: ${made.leftOut.join(', ')}. The other tools can be imported.\n`);
  }
}

async function readPlugin(name: string, settings: Settings): Promise<Declared> {
  const folder = new PluginFolder(settings);
  try {
    return await folder.read(name);
  } finally {
    folder.close();
  }
}

function asJson(
  plugin: string,
  { document, findings, leftOut }: PluginDocument,
  manifest: JsonObject,
): object {
  return { plugin, document, manifest, findings, leftOut };
}

/** False, and a report, where it is not possible. */
async function write(folder: string, document: JsonObject, manifest: JsonObject): Promise<boolean> {
  const files = [
    [join(folder, 'openapi.yaml'), yamlText(document)],
    [join(folder, 'ai_plugin.json'), `${JSON.stringify(manifest, null, 2)}\n`],
  ] as const;
  try {
    await mkdir(folder, { recursive: true });
    for (const [file, text] of files) await writeFile(file, text);
  } catch (error) {
    fail(EXIT.failed, `The files cannot be written: ${error instanceof Error ? error.message : error}\n`);
    return false;
  }
  process.stdout.write(files.map(([file]) => `${file}\n`).join(''));
  return true;
}

function fail(exitCode: number, text: string): void {
  process.stderr.write(text);
  process.exitCode = exitCode;
}
