/**
 * What the `$ref`s of a schema lead to. OpenAPI for Coze has none of them: they are replaced by what they lead to, which
 * has no end where a schema contains itself.
 */
import type { Json, JsonObject } from '../wire/json-schema.ts';
import { isList, isObject, isText, member } from './json-kinds.ts';

export type Target =
  | { readonly kind: 'schema'; readonly schema: Json }
  /** It leads back to itself. */
  | { readonly kind: 'recursive' }
  | { readonly kind: 'unknown' };

export class References {
  private readonly root: JsonObject;
  /** By `$id`, and by `$anchor` with a `#` in front. */
  private readonly named = new Map<string, JsonObject>();
  private readonly refsBelow = new Map<Json, readonly string[]>();
  private readonly targets = new Map<string, Target>();

  constructor(root: JsonObject) {
    this.root = root;
    for (const { $id, $anchor, node } of objectsOf(root)) {
      if (isText($id)) this.named.set($id, node);
      if (isText($anchor)) this.named.set(`#${$anchor}`, node);
    }
  }

  resolve(ref: string): Target {
    const known = this.targets.get(ref);
    if (known !== undefined) return known;
    const schema = this.find(ref);
    const target: Target =
      schema === undefined
        ? { kind: 'unknown' }
        : this.leadsTo(schema, schema, new Set())
          ? { kind: 'recursive' }
          : { kind: 'schema', schema };
    this.targets.set(ref, target);
    return target;
  }

  private leadsTo(from: Json, to: Json, seen: Set<Json>): boolean {
    seen.add(from);
    return this.refsIn(from).some((ref) => {
      const next = this.find(ref);
      if (next === undefined) return false;
      return next === to || (!seen.has(next) && this.leadsTo(next, to, seen));
    });
  }

  private refsIn(schema: Json): readonly string[] {
    const known = this.refsBelow.get(schema);
    if (known !== undefined) return known;
    const refs = [...objectsOf(schema)].flatMap(({ $ref }) => (isText($ref) ? [$ref] : []));
    this.refsBelow.set(schema, refs);
    return refs;
  }

  private find(ref: string): Json | undefined {
    const named = this.named.get(ref);
    if (named !== undefined) return named;
    return ref.startsWith('#') ? atPointer(this.root, ref.slice(1)) : undefined;
  }
}

/** `pointer`: `/$defs/Point`, as RFC 6901 has it, escaped for a URL; '' is the root itself. */
export function atPointer(root: Json, pointer: string): Json | undefined {
  if (pointer === '') return root;
  if (!pointer.startsWith('/')) return undefined;
  let here: Json | undefined = root;
  for (const raw of pointer.slice(1).split('/')) {
    const key = unescapedKey(raw);
    if (isList(here)) here = /^\d+$/.test(key) ? here[Number(key)] : undefined;
    else here = isObject(here) ? member(here, key) : undefined;
  }
  return here;
}

/** One step of a pointer in a URL: `a~1b%20c` → `a/b c`. */
export function unescapedKey(raw: string): string {
  return percentDecoded(raw).replaceAll('~1', '/').replaceAll('~0', '~');
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign stands for itself.
    return text;
  }
}

/** Every object in a value, with what may name it or lead elsewhere. */
function* objectsOf(
  value: Json,
): Generator<{ $id: Json | undefined; $anchor: Json | undefined; $ref: Json | undefined; node: JsonObject }> {
  const open: Json[] = [value];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isObject(node))
      yield { $id: member(node, '$id'), $anchor: member(node, '$anchor'), $ref: member(node, '$ref'), node };
    const children = isList(node) ? node : isObject(node) ? Object.values(node) : [];
    for (const child of children) open.push(child);
  }
}
