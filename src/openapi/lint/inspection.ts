/** What all checks of one document share: the document, what was found, and where its references lead. */
import type { Json, JsonObject } from '../../wire/json-schema.ts';
import type { Rule, Violation } from '../finding.ts';
import { isObject, isText } from '../json-kinds.ts';
import { atPointer, unescapedKey } from '../references.ts';
import { isKnown, isOfJsonSchema, type Place } from './known-keys.ts';

export type Path = Violation['path'];

/** More are not looked for: the first ones say enough. */
export const MOST_VIOLATIONS = 1000;
/** References that lead to references. */
const MOST_HOPS = 32;

/** What something is looked at as: a schema that both sides share is looked at twice. */
type Purpose = 'parameter' | 'request' | 'answer';

/** A value and where it really stands. */
export interface Found {
  readonly value: Json;
  readonly path: Path;
}

export class Inspection {
  readonly root: Json;
  readonly violations: Violation[] = [];
  errorCount = 0;
  private readonly visited: Readonly<Record<Purpose, WeakSet<JsonObject>>> = {
    parameter: new WeakSet(),
    request: new WeakSet(),
    answer: new WeakSet(),
  };

  constructor(root: Json) {
    this.root = root;
  }

  error(path: Path, rule: Rule, what: string): void {
    this.errorCount += 1;
    this.add({ path, rule, severity: 'error', what });
  }

  loss(path: Path, rule: Rule, what: string): void {
    this.add({ path, rule, severity: 'loss', what });
  }

  /** False when somebody has been here before, by a reference or an alias. */
  enter(value: JsonObject, purpose: Purpose): boolean {
    const visited = this.visited[purpose];
    if (visited.has(value) || this.violations.length >= MOST_VIOLATIONS) return false;
    visited.add(value);
    return true;
  }

  /** The value itself, or what its `$ref` leads to, which is a violation by itself; undefined: it leads nowhere. */
  follow(value: Json, path: Path): Found | undefined {
    let found: Found = { value, path };
    for (let hops = 0; isObject(found.value) && isText(found.value.$ref); hops += 1) {
      const { $ref } = found.value;
      if (hops === 0) this.error([...path, '$ref'], 8, `"$ref" must be replaced by what ${$ref} is`);
      const target = $ref.startsWith('#') ? atPointer(this.root, $ref.slice(1)) : undefined;
      if (target === undefined || hops > MOST_HOPS) {
        this.error([...found.path, '$ref'], 8, `${$ref} leads nowhere in this document`);
        return undefined;
      }
      found = { value: target, path: $ref.slice(1).split('/').slice(1).map(unescapedKey) };
    }
    return found;
  }

  checkKeys(object: JsonObject, place: Place, path: Path): void {
    for (const key of Object.keys(object).filter((one) => !isKnown(place, one) && one !== '$ref')) {
      if (place === 'schema' && isOfJsonSchema(key))
        this.error([...path, key], 8, `"${key}" is a keyword of JSON Schema that OpenAPI 3.0 does not have`);
      else this.error([...path, key], 9, `"${key}" is not known here; keys of your own begin with x-`);
    }
  }

  private add(violation: Violation): void {
    if (this.violations.length < MOST_VIOLATIONS) this.violations.push(violation);
  }
}
