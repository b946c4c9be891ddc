#!/usr/bin/env node
/**
 * Writes the publishable package to dist/: the same folders as JavaScript with declarations, and a package.json
 * whose entries point at them. A package in node_modules must be JavaScript, since Node strips no types there.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = `${root}dist`;

rmSync(out, { recursive: true, force: true });
execFileSync(
  process.execPath,
  [`${root}node_modules/typescript/bin/tsc`, '-p', `${root}scripts/tsconfig.build.json`],
  {
    stdio: 'inherit',
  },
);
for (const file of ['README.md', 'CHANGELOG.md', 'LICENSE', 'plugins']) {
  cpSync(`${root}${file}`, `${out}/${file}`, {
    recursive: true,
    // Sources are there as JavaScript already; data files and READMEs come along.
    filter: (source) => !source.endsWith('.ts'),
  });
}

const {
  private: _private,
  devDependencies: _devDependencies,
  scripts: _scripts,
  allowScripts: _allowScripts,
  ...manifest
} = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const published = {
  ...manifest,
  exports: {
    './plugin': { types: './src/plugin/plugin.d.ts', default: './src/plugin/plugin.js' },
    './package.json': './package.json',
  },
};
writeFileSync(`${out}/package.json`, `${JSON.stringify(published, null, 2)}\n`);
execFileSync(process.execPath, [`${root}scripts/join-threads.ts`, out], { stdio: 'inherit' });
process.stderr.write('dist/ is ready: npm publish ./dist, or npm pack ./dist to look at it\n');
