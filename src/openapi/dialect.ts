/** What schemas are made of in the part of OpenAPI 3.0 that Coze understands. */

export const TYPES = ['string', 'integer', 'number', 'boolean', 'object', 'array'] as const;

export type CozeType = (typeof TYPES)[number];

export function isCozeType(value: unknown): value is CozeType {
  return TYPES.some((type) => type === value);
}

/** Kinds of files that stand in requests as URLs: the format is `<kind>_url`, the `x-assist-type` the kind. */
const FILE_KINDS = ['file', 'image', 'doc', 'ppt', 'code', 'excel', 'zip', 'video', 'audio', 'txt'];

/** The only formats. */
export const FORMATS: ReadonlySet<string> = new Set(FILE_KINDS.map((kind) => `${kind}_url`));

/** `image_url` → `image`; undefined where the format is none of a file. */
export function fileKindOf(format: string): string | undefined {
  return FORMATS.has(format) ? format.slice(0, -'_url'.length) : undefined;
}

/** Keywords that limit values, by the type they belong to. */
export const LIMITS: Readonly<Record<CozeType, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern'],
  integer: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  boolean: [],
  array: ['minItems', 'maxItems', 'uniqueItems'],
  object: [],
};

/** `operationId`, and the name of a tool. */
export const OPERATION_ID = /^[A-Za-z0-9_-]{1,64}$/;
