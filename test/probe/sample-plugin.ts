/**
 * Candidates as source text: a small plugin that is fit, with parts replaced; and the folders they lie in.
 */
import { join } from 'node:path';
import type { Test } from 'tap';
import type { PluginSource } from '../../src/wire/catalogue.ts';
import { ANYWHERE } from '../support/outbound.ts';
import { ownFolder } from '../support/own-folder.ts';

type Parts = Readonly<Record<string, string>>;

/** A folder's files and folders by name. */
export interface Files {
  readonly [name: string]: string | Files;
}

/** The default export of a plugin called `sample`. */
export function samplePlugin(parts: Parts = {}, tool: Parts = {}): string {
  const one = members({
    summary: '"Double a number."',
    input: '{ type: "object", properties: { n: { type: "integer" } }, required: ["n"] }',
    output: '{ type: "object", properties: { twice: { type: "integer" } }, required: ["twice"] }',
    execute: '({ n }) => ({ twice: 2 * n })',
    ...tool,
  });
  return `export default {\n${members({
    name: '"sample"',
    version: '"1.2.3"',
    description: '"A sample."',
    tools: `{ double: {\n${one}\n} }`,
    ...parts,
  })}\n};\n`;
}

function members(parts: Parts): string {
  return Object.entries(parts)
    .map(([key, code]) => `${key}: ${code}`)
    .join(',\n');
}

/** A copy of a plugin's folder with these files, not where the folder itself is. */
export function sampleSource(t: Test, files: Files): PluginSource {
  const root = ownFolder(t, { versions: { sample: { abc: files } }, plugins: { sample: {} } });
  const folder = join(root, 'versions', 'sample', 'abc');
  const entry = Object.keys(files).find((file) => file.startsWith('index.')) ?? '';
  return {
    name: 'sample',
    entry: join(folder, entry),
    config: { colour: 'blue' },
    outbound: ANYWHERE,
    folder,
    origin: join(root, 'plugins', 'sample'),
  };
}
