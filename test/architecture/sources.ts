/**
 * The repository as the architecture tests read it: source files, their imports, README's tables.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** Path of the importing file below the root. */
  readonly file: string;
  readonly specifier: string;
  readonly isTypeOnly: boolean;
}

/** Source files below `folder`, tests left out; paths below the root. */
export function sourceFiles(folder: string): string[] {
  return globSync(`${folder}/**/*.{ts,mts,js,mjs}`, { cwd: ROOT })
    .filter((file) => !file.endsWith('.test.ts') && !file.includes('node_modules'))
    .toSorted();
}

export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const STATEMENT = /^[ \t]*(?:import|export)\b([^'"`;]*?)\bfrom[ \t]+['"]([^'"]+)['"]/gm;
const BARE = /^[ \t]*import[ \t]+['"]([^'"]+)['"]/gm;
const DYNAMIC = /\bimport\([ \t\n]*['"]([^'"]+)['"]/g;

/** Every import of a file: statements, re-exports, dynamic ones, types included. */
export function importsOf(file: string): Import[] {
  const code = read(file).replaceAll(/^[ \t]*\/\*[\s\S]*?\*\/|^[ \t]*\/\/.*$/gm, '');
  return [
    ...[...code.matchAll(STATEMENT)].map(([, clause = '', specifier = '']) => ({
      file,
      specifier,
      isTypeOnly: /^\s*type\b/.test(clause),
    })),
    ...[...code.matchAll(BARE), ...code.matchAll(DYNAMIC)].map(([, specifier = '']) => ({
      file,
      specifier,
      isTypeOnly: false,
    })),
  ];
}

/** The first table of a section of README, header left out, as the cells' plain text. */
export function readmeTable(section: string): string[][] {
  const [, text = ''] = read('README.md').split(`\n## ${section}\n`);
  const lines = text.split('\n## ', 1)[0]?.split('\n') ?? [];
  const start = lines.findIndex((line) => line.startsWith('|'));
  const end = lines.findIndex((line, n) => n > start && !line.startsWith('|'));
  const rows = lines.slice(start + 2, end === -1 ? undefined : end);
  return rows.map((row) => row.split('|').slice(1, -1).map(plain));
}

/** Without code quotes and escapes. */
function plain(cell: string): string {
  return cell
    .trim()
    .replaceAll('`', '')
    .replaceAll(/\\([_*|<>[\]])/g, '$1');
}
