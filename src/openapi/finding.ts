/**
 * The ten rules of an OpenAPI document that Coze imports and then calls as it was meant, and what is said about them.
 * They follow the validators of Coze Studio (coze-dev/coze-studio) and Coze's public documentation.
 */

export const RULES = {
  1: 'the document is OpenAPI 3.0.1 with title, description, version and exactly one server',
  2: 'each operation has a unique operationId, a summary and responses',
  3: 'a request body has exactly one media type, application/json, and is an object',
  4: 'parameters stand in path, query or header, and are scalars; those of a query may be arrays of them',
  5: 'there is the response 200 and at most a default one; 200 is an object in application/json',
  6: 'each schema has exactly one type, arrays have items, alternatives are flattened',
  7: 'the only formats are those of files, such as image_url',
  8: 'only keywords of OpenAPI 3.0 in its own forms; patterns are RE2; default and example are valid',
  9: 'unknown keys begin with x-',
  10: 'objects list their properties all the way down',
} as const;

export type Rule = keyof typeof RULES;

/** Something of a tool's schema that Coze's dialect cannot say. */
export interface Finding {
  /** For example `tools.get.output.properties.lines`. */
  readonly path: string;
  readonly rule: Rule;
  /** `impossible`: the tool cannot be offered; `loss`: it is offered, and this much is lost. */
  readonly severity: 'loss' | 'impossible';
  /** A sentence for the plugin's author, without the path. */
  readonly what: string;
}

/** Something of a document that does not keep to a rule. */
export interface Violation {
  /** Keys and indexes from the root to the place. */
  readonly path: readonly (string | number)[];
  readonly rule: Rule;
  /** `error`: it does not import, or not as it was meant; `loss`: it imports without this. */
  readonly severity: 'loss' | 'error';
  /** A sentence. */
  readonly what: string;
}
