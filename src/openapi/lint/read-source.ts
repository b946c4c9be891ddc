/** YAML or JSON text as a value, with the line and column of each of its parts. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { Json } from '../../wire/json-schema.ts';

/** Longest text in bytes: documents that people write are far below it. */
export const LARGEST_SOURCE = 2 * 2 ** 20;
/** How often aliases may repeat what they stand for; a small file can otherwise become gigabytes. */
const MOST_ALIASES = 100;
/** Of a text that cannot be read, the first ones tell; the others often follow from them. */
const MOST_PROBLEMS = 10;
const TOO_DEEP = 'nests too deep to be read';

/** Both counted from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export type Source =
  | {
      readonly kind: 'read';
      readonly value: Json;
      /** Where the key or item at the end of a path stands; of one that is missing, the last that is there. */
      readonly locate: (path: readonly (string | number)[]) => Position;
    }
  | { readonly kind: 'broken'; readonly problems: readonly (Position & { readonly what: string })[] };

export function readSource(text: string): Source {
  try {
    return parse(text);
  } catch (error) {
    // The parser calls itself for each level.
    if (error instanceof RangeError) return broken(TOO_DEEP);
    throw error;
  }
}

function parse(text: string): Source {
  if (Buffer.byteLength(text) > LARGEST_SOURCE)
    return broken(`is larger than ${LARGEST_SOURCE / 2 ** 20} MiB`);
  const lines = new LineCounter();
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // Looking for keys that come twice is left to us: the parser compares each with each.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  if (document.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) return broken(TOO_DEEP);
  const errors = document.errors.slice(0, MOST_PROBLEMS).map(({ pos, message }) => {
    const { line, column } = position(pos[0]);
    return { line, column, what: message };
  });
  const problems = errors.length > 0 ? errors : repeatedKeys(document, position);
  if (problems.length > 0) return { kind: 'broken', problems };
  if (document.contents === null) return broken('is empty; it must hold an OpenAPI document');
  try {
    const value: Json = document.toJS({ maxAliasCount: MOST_ALIASES });
    return { kind: 'read', value, locate: (path) => position(offsetOf(document, path)) };
  } catch (error) {
    if (error instanceof ReferenceError)
      return broken('has aliases that stand for too much, or for themselves');
    throw error;
  }
}

function broken(what: string): Source {
  return { kind: 'broken', problems: [{ line: 1, column: 1, what }] };
}

function repeatedKeys(
  document: Document.Parsed,
  position: (offset: number) => Position,
): readonly (Position & { readonly what: string })[] {
  const found: (Position & { readonly what: string })[] = [];
  visit(document, {
    Map: (_, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = keyText(key);
        if (seen.has(name)) found.push({ ...position(startOf(key)), what: `the key "${name}" comes twice` });
        seen.add(name);
      }
    },
  });
  return found;
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  let offset = startOf(document.contents);
  let node: unknown = document.contents;
  for (const step of path) {
    const here: unknown = isAlias(node) ? node.resolve(document) : node;
    if (isMap(here)) {
      const pair = here.items.find(({ key }) => keyText(key) === String(step));
      if (pair === undefined) break;
      offset = startOf(pair.key);
      node = pair.value;
    } else if (isSeq(here) && typeof step === 'number' && step < here.items.length) {
      node = here.items[step];
      offset = startOf(node);
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number {
  return (isNode(node) && node.range?.[0]) || 0;
}

function isNode(node: unknown): node is Node {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node);
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}
