/**
 * From an error to what its plugin's author needs: the reason, the place in the plugin's own files, the lines
 * around it. Paths are those of the author's folder, whatever copy the code ran from.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { PluginSource } from '../src/wire/catalogue.ts';
import type { Unfit } from '../src/wire/probe-messages.ts';
import { codeFrame } from './code-frame.ts';
import { syntaxPosition } from './syntax-position.ts';
import { messageOf, stackOf } from './thrown.ts';
import { isInside } from './version-imports.ts';

interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number | undefined;
}

/** Node puts `file:line`, the line and a row of carets in front of the stack of some syntax errors. */
const HEADER = /^(?<file>[^\n]+):(?<line>\d+)\n/;
const CARETS = /^(?<indent>[ \t]*)\^+[ \t]*$/m;
/** The end of a stack line: `(file:///a/b.ts:1:2)` or `at file:///a/b.ts:1:2`. */
const FRAME = /(?:\(|at (?:async )?)(?<file>[^()\n]+):(?<line>\d+):(?<column>\d+)\)?$/gm;
/** Node's own function that compiles modules; other code throws syntax errors too, about other texts. */
const COMPILER = /^ +at compileSourceTextModule /m;

/** Longest reason and stack in characters. */
const LONGEST = 8_000;

/** `lastResolved`: the module file Node resolved last, the one with the error if it does not parse. */
export function blame(
  error: unknown,
  source: PluginSource,
  lastResolved: string | undefined,
): Omit<Unfit, 'kind' | 'step'> {
  const folder = realFolder(source);
  const place =
    placeOf(error, folder, lastResolved) ??
    (error instanceof Error ? placeOf(error.cause, folder, lastResolved) : undefined);
  return {
    reason: asAuthorKnows(messageOf(error), source),
    file: place === undefined ? undefined : relative(folder, place.path).replaceAll(sep, '/'),
    line: place?.line,
    column: place?.column,
    frame: place === undefined ? undefined : frameOf(place),
    stack: ownStack(error, source),
  };
}

/** Where its modules say they lie, whatever links lead there. */
export function realFolder({ folder, entry }: PluginSource): string {
  const named = folder ?? dirname(entry);
  try {
    return realpathSync(named);
  } catch {
    return named;
  }
}

/** The place in the plugin's own files; undefined: none is known. */
function placeOf(error: unknown, folder: string, lastResolved: string | undefined): Place | undefined {
  const stack = stackOf(error);
  if (stack === undefined) return undefined;
  const isOwn = (path: string | undefined): path is string => path !== undefined && isInside(folder, path);

  const header = HEADER.exec(stack)?.groups;
  const headerPath = pathOf(header?.file);
  if (isOwn(headerPath)) {
    const indent = CARETS.exec(stack)?.groups?.indent;
    return {
      path: headerPath,
      line: Number(header?.line),
      column: indent === undefined ? undefined : indent.length + 1,
    };
  }
  for (const { groups } of stack.matchAll(FRAME)) {
    const path = pathOf(groups?.file);
    if (isOwn(path)) return { path, line: Number(groups?.line), column: Number(groups?.column) };
  }
  const unparsed = pathOf(lastResolved);
  if (!(error instanceof SyntaxError) || !COMPILER.test(stack) || !isOwn(unparsed)) return undefined;
  const position = syntaxPosition(error);
  return position === undefined ? undefined : { path: unparsed, ...position };
}

function pathOf(file: string | undefined): string | undefined {
  try {
    return file?.startsWith('file:') === true ? fileURLToPath(file) : file;
  } catch {
    return undefined;
  }
}

function frameOf({ path, line, column }: Place): string | undefined {
  try {
    return codeFrame(readFileSync(path, 'utf8'), line, column) || undefined;
  } catch {
    return undefined;
  }
}

const isFrame = (line: string): boolean => /^\s+at /.test(line);

/** The stack without the lines that are the host's or Node's; undefined: none of its own is left. */
function ownStack(error: unknown, source: PluginSource): string | undefined {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const lines = (stackOf(inner) ?? '')
    .split('\n')
    .filter((line) => !isFrame(line) || !FOREIGN.some((part) => line.includes(part)));
  return lines.some(isFrame) ? asAuthorKnows(lines.join('\n'), source) : undefined;
}

/** What stack lines of Node, of the engine and of the host have in them. */
const FOREIGN = ['node:', '(<anonymous>)', new URL('.', import.meta.url).href];

/** The text with paths below the plugin's folder, and below the copy of it, relative to it. */
function asAuthorKnows(text: string, source: PluginSource): string {
  const roots = [realFolder(source), source.folder, source.origin, dirname(source.entry)];
  return roots
    .flatMap((root) => (root === undefined ? [] : [`${pathToFileURL(root).href}/`, `${root}${sep}`]))
    .reduce((plain, root) => plain.replaceAll(root, ''), text)
    .slice(0, LONGEST);
}
