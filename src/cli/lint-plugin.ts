/** One plugin: what is lost of its schemas, and whether the document that is made of them keeps to the rules. */
import { authRulesOf } from '../config/auth-exposure.ts';
import type { Settings } from '../config/settings.ts';
import { documentAuth } from '../openapi/document-auth.ts';
import { checkDocument } from '../openapi/lint/check-document.ts';
import { pluginDocument } from '../openapi/plugin-document.ts';
import type { JsonObject } from '../wire/json-schema.ts';
import { line } from './lint-lines.ts';
import { type Linted, type LintFinding, unreadable } from './lint-result.ts';
import type { PluginFolder } from './openapi-source.ts';

/** Stands in where no publicUrl is set: the address is not what is checked here. */
const ANY_URL = 'https://plugins.example.com';

export async function lintPlugin(name: string, folder: PluginFolder, settings: Settings): Promise<Linted> {
  const declared = await folder.read(name);
  if (declared.kind !== 'declared')
    return unreadable(name, declared.kind === 'unknown' ? 'unknown' : 'plugin', declared.reason);
  const auth = documentAuth(authRulesOf(settings, name));
  const { document, findings, leftOut } = pluginDocument(declared.manifest, {
    url: settings.publicUrl ?? ANY_URL,
    auth,
  });
  // Without any tool the document is empty, which the findings have explained.
  const isEmpty = leftOut.length === declared.manifest.tools.length;
  const all: readonly LintFinding[] = [...findings, ...(isEmpty ? [] : faultsOf(document))];
  const lines = all.map(({ path, rule, severity, what }) =>
    line(`${name}  ${path}`, rule, severity, what, process.stdout),
  );
  return { name, kind: 'plugin', findings: all, lines };
}

/** Of the document as a whole, such as an empty summary. Its losses are those of the schemas, told already. */
function faultsOf(document: JsonObject): readonly LintFinding[] {
  return checkDocument(document)
    .filter(({ severity }) => severity === 'error')
    .map(({ path, rule, severity, what }) => ({ path: path.join('.'), rule, severity, what }));
}
