/**
 * Keeps a native answer to what its output schema declares. Coze drops every other key without a word; here it is dropped
 * with one, told to whoever asks.
 */
import type { Members } from './members.ts';

/** What was taken out, as a path such as `items[].note`. */
export type OnDropped = (path: string) => void;

export class DeclaredAnswer {
  /** Undefined: the schema itself allows no other keys, so the validator sees to it. */
  private readonly shape: Shape | undefined;

  constructor(output: Members) {
    const shape = shapeOf(output);
    this.shape = shape !== undefined && isOpen(shape) ? shape : undefined;
  }

  /** `answer` without undeclared keys; the same object if it has none. `answer` itself is left as it is. */
  keep(answer: unknown, onDropped: OnDropped): unknown {
    return this.shape === undefined ? answer : kept(answer, this.shape, '', onDropped);
  }
}

/** The part of a schema that says which keys there are. */
interface Shape {
  readonly properties: ReadonlyMap<string, Shape | undefined>;
  /** Keys beyond `properties` are possible. */
  readonly isOpen: boolean;
  readonly items: Shape | undefined;
}

/** Undefined: nothing below has keys. */
function shapeOf(schema: unknown): Shape | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined;
  const { type, properties, additionalProperties, items }: Members = { ...schema };
  if (type === 'array') {
    const item = shapeOf(items);
    return item && { properties: new Map(), isOpen: false, items: item };
  }
  if (typeof properties !== 'object' || properties === null) return undefined;
  const entries = Object.entries(properties).map(([name, own]) => [name, shapeOf(own)] as const);
  return { properties: new Map(entries), isOpen: additionalProperties !== false, items: undefined };
}

function isOpen(shape: Shape): boolean {
  if (shape.isOpen || (shape.items !== undefined && isOpen(shape.items))) return true;
  return [...shape.properties.values()].some((own) => own !== undefined && isOpen(own));
}

function kept(value: unknown, shape: Shape, at: string, onDropped: OnDropped): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const { items } = shape;
    if (items === undefined) return value;
    const list = value.map((item) => kept(item, items, `${at}[]`, onDropped));
    return list.some((item, index) => item !== value[index]) ? list : value;
  }
  const own: [string, unknown][] = [];
  let isSame = true;
  for (const [name, member] of Object.entries(value)) {
    const path = at === '' ? name : `${at}.${name}`;
    if (!shape.properties.has(name)) {
      onDropped(path);
      isSame = false;
      continue;
    }
    const below = shape.properties.get(name);
    const rest = below === undefined ? member : kept(member, below, path, onDropped);
    if (rest !== member) isSame = false;
    own.push([name, rest]);
  }
  return isSame ? value : Object.fromEntries(own);
}
