/**
 * Imports of plugin code that runs from a copy of its folder. Its packages are found as if the file stood in the
 * original folder, its own files in the copy alone: a file outside would change under a version's feet.
 */
import { realpathSync } from 'node:fs';
import {
  createRequire,
  isBuiltin,
  type ResolveFnOutput,
  type ResolveHookContext,
  registerHooks,
} from 'node:module';
import { isAbsolute, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { PluginSource } from '../src/wire/catalogue.ts';

interface Copy {
  readonly folder: string;
  readonly origin: string;
}

/**
 * Once per thread, before the first plugin is imported. Sources that are no copies are left alone. A refused
 * import throws `imports a file outside its folder: <specifier> (from <file>)`.
 */
export function confineImports(sources: readonly PluginSource[]): void {
  const copies: readonly Copy[] = sources.flatMap(({ folder, origin }) =>
    // Modules go by their real path, whatever links led to them.
    folder === undefined || origin === undefined ? [] : [{ folder: realpathSync(folder), origin }],
  );
  if (copies.length === 0) return;
  registerHooks({
    resolve(specifier, context, next) {
      const importer = filePath(context.parentURL);
      const copy = copies.find(({ folder }) => importer !== undefined && isInside(folder, importer));
      if (copy === undefined || importer === undefined) return next(specifier, context);

      const file = relative(copy.folder, importer);
      const original = join(copy.origin, file);
      if (isBuiltin(specifier)) return next(specifier, context);
      if (isPackage(specifier)) {
        const found = resolveFrom(original, specifier, context, next);
        const path = filePath(found.url);
        if (path === undefined || !isInside(copy.origin, path) || isInPackage(path)) return found;
        // The plugin's package by its own name: its files are those of the copy.
        const own = join(copy.folder, relative(copy.origin, path));
        return { ...found, url: pathToFileURL(own).href };
      }
      const target = targetOf(specifier, importer);
      if (target === undefined || isInside(copy.folder, target)) return next(specifier, context);
      const meant = targetOf(specifier, original);
      if (meant !== undefined && isInPackage(meant)) {
        return resolveFrom(original, specifier, context, next);
      }
      throw new Error(`imports a file outside its folder: ${specifier} (from ${file})`);
    },
  });
}

/** As if `importer` had asked. */
function resolveFrom(
  importer: string,
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context: ResolveHookContext) => ResolveFnOutput,
): ResolveFnOutput {
  // Node looks at the module that requires, whatever URL it is given.
  if (context.conditions.includes('require')) {
    return { url: pathToFileURL(createRequire(importer).resolve(specifier)).href, shortCircuit: true };
  }
  return next(specifier, { ...context, parentURL: pathToFileURL(importer).href });
}

/** `ajv`, `@scope/name/file`; not `./file`, not `node:fs`, not `#alias`, which the copy's package.json explains. */
function isPackage(specifier: string): boolean {
  return !/^[./#]/.test(specifier) && !isAbsolute(specifier) && !URL.canParse(specifier);
}

/** The file a relative or absolute specifier means; undefined: it means none. */
function targetOf(specifier: string, importer: string): string | undefined {
  if (isAbsolute(specifier)) return specifier;
  if (specifier.startsWith('#')) return undefined;
  return filePath(URL.parse(specifier, pathToFileURL(importer).href)?.href);
}

function filePath(url: string | undefined): string | undefined {
  return url?.startsWith('file:') === true ? fileURLToPath(url) : undefined;
}

function isInPackage(path: string): boolean {
  return path.split(sep).includes('node_modules');
}

/** Whether `path` is below `folder`, which is given without a slash at its end. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
