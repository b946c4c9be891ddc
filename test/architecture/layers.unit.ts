import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'tap';
import { type Import, importsOf, readmeTable, sourceFiles } from './sources.ts';

interface Layer {
  /** `src/core`, `workers`, `plugins` … */
  readonly folder: string;
  /** Folders as the table abbreviates them: `core` is `src/core`. */
  readonly mayImport: readonly string[];
  readonly packages: readonly { readonly name: string; readonly typesOnly: boolean }[];
}

const list = (cell: string): string[] =>
  cell
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

const LAYERS: readonly Layer[] = readmeTable('Layers').map(
  ([folder = '', mayImport = '', packages = '']) => ({
    folder,
    mayImport: list(mayImport).map((name) => `src/${name}`),
    packages: list(packages).map((item) => ({
      name: item.replace(' (types only)', ''),
      typesOnly: item.endsWith('(types only)'),
    })),
  }),
);

/** `src/core/errors.ts` → `src/core`, `workers/call.ts` → `workers` */
function folderOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'src' ? `src/${second}` : first;
}

/** `@scope/name/file` → `@scope/name` */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

const isPackage = ({ specifier }: Import): boolean =>
  !specifier.startsWith('.') && !isBuiltin(specifier) && specifier !== 'hotlane/plugin';

/** The folder an import leads to; undefined: a package. */
function targetOf({ file, specifier }: Import): string | undefined {
  if (specifier === 'hotlane/plugin') return 'src/plugin';
  return specifier.startsWith('.') ? folderOf(join(dirname(file), specifier)) : undefined;
}

const shown = ({ file, specifier }: Import): string => `${file} imports ${specifier}`;
const imports = ['src', 'workers', 'plugins'].flatMap(sourceFiles).flatMap(importsOf);

test('the table names every folder that has code, and no other', async (t) => {
  const folders = new Set(['src', 'workers', 'plugins'].flatMap(sourceFiles).map(folderOf));
  t.strictSame(LAYERS.map(({ folder }) => folder).toSorted(), [...folders].toSorted());
});

test('the imports are really read', async (t) => {
  const found = new Set(imports.map(shown));
  for (const one of [
    'src/shm/slots.ts imports ./layout.ts',
    'src/telemetry/log.ts imports pino',
    'src/registry/watch-hints.ts imports chokidar',
    'src/cli/hotlane.js imports ./program.ts',
    'workers/schema.ts imports ajv',
  ]) {
    t.ok(found.has(one), one);
  }
});

test('a folder imports only folders that its row allows', async (t) => {
  for (const { folder, mayImport } of LAYERS) {
    const wrong = imports.filter((one) => {
      const target = targetOf(one);
      return (
        folderOf(one.file) === folder && target !== undefined && ![folder, ...mayImport].includes(target)
      );
    });
    t.strictSame(wrong.map(shown), [], folder);
  }
});

test('no two folders import each other, directly or in a circle', async (t) => {
  const rows = new Map(LAYERS.map(({ folder, mayImport }) => [folder, mayImport]));
  const reach = (from: string, seen: readonly string[]): void => {
    for (const next of rows.get(from) ?? []) {
      if (seen.includes(next)) t.fail(`a circle: ${[...seen, next].join(' → ')}`);
      else reach(next, [...seen, next]);
    }
  };
  for (const folder of rows.keys()) reach(folder, [folder]);
  t.ok(
    [...rows.values()].flat().every((folder) => rows.has(folder)),
    'every allowed folder has a row',
  );
});

test('a package is imported by the one folder whose row has it', async (t) => {
  const names = LAYERS.flatMap(({ packages }) => packages.map(({ name }) => name));
  t.strictSame(names.toSorted(), [...new Set(names)].toSorted(), 'no package has two rows');
  for (const { folder, packages } of LAYERS.filter((layer) => layer.folder !== 'plugins')) {
    const own = new Map(packages.map(({ name, typesOnly }) => [name, typesOnly]));
    const here = imports.filter((one) => folderOf(one.file) === folder && isPackage(one));
    const wrong = here.filter((one) => {
      const typesOnly = own.get(packageOf(one.specifier));
      return typesOnly === undefined || (typesOnly && !one.isTypeOnly);
    });
    t.strictSame(wrong.map(shown), [], folder);
    t.strictSame(
      [...own.keys()].filter((name) => !here.some((one) => packageOf(one.specifier) === name)),
      [],
      `${folder} imports what its row says`,
    );
  }
});

test('a plugin imports the plugin API, its own files and its own packages, nothing of the server', async (t) => {
  const servers = new Set(
    LAYERS.flatMap(({ packages }) => packages.filter(({ typesOnly }) => !typesOnly).map(({ name }) => name)),
  );
  const wrong = imports.filter(({ file, specifier }) => {
    const [first, plugin] = file.split('/');
    if (first !== 'plugins') return false;
    if (!specifier.startsWith('.')) return servers.has(packageOf(specifier));
    return !join(dirname(file), specifier).startsWith(`plugins/${plugin}/`);
  });
  t.strictSame(wrong.map(shown), []);
});

test('shared memory knows of Node nothing but Buffer', async (t) => {
  const builtins = imports.filter(
    ({ file, specifier }) => folderOf(file) === 'src/shm' && isBuiltin(specifier),
  );
  t.strictSame([...new Set(builtins.map(({ specifier }) => specifier))], ['node:buffer']);
});
