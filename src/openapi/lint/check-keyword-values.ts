/** Rule 8: is the value of each keyword what OpenAPI 3.0 wants there? */
import type { Json, JsonObject } from '../../wire/json-schema.ts';
import { isList, isNumber, isObject, isText } from '../json-kinds.ts';
import type { Inspection, Path } from './inspection.ts';

interface Demand {
  readonly keywords: readonly string[];
  /** Completes "must be …". */
  readonly expects: string;
  readonly isMet: (value: Json) => boolean;
}

const DEMANDS: readonly Demand[] = [
  {
    keywords: ['title', 'description', 'format', 'pattern'],
    expects: 'a text',
    isMet: isText,
  },
  {
    keywords: ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'],
    expects: 'a whole number from 0',
    isMet: (value) => isNumber(value) && Number.isInteger(value) && value >= 0,
  },
  { keywords: ['minimum', 'maximum'], expects: 'a number', isMet: isNumber },
  {
    keywords: ['multipleOf'],
    expects: 'a number above 0',
    isMet: (value) => isNumber(value) && value > 0,
  },
  {
    keywords: ['exclusiveMinimum', 'exclusiveMaximum'],
    expects: 'true or false, with the number in "minimum" or "maximum"',
    isMet: isTruth,
  },
  {
    keywords: ['uniqueItems', 'nullable', 'readOnly', 'writeOnly', 'deprecated'],
    expects: 'true or false',
    isMet: isTruth,
  },
  {
    keywords: ['required'],
    expects: 'a list of names, at least one, each once',
    isMet: (value) =>
      isList(value) && value.length > 0 && value.every(isText) && new Set(value).size === value.length,
  },
  {
    keywords: ['enum'],
    expects: 'a list of at least one value',
    isMet: (value) => isList(value) && value.length > 0,
  },
  { keywords: ['properties'], expects: 'an object', isMet: isObject },
  {
    keywords: ['additionalProperties'],
    expects: 'true, false or a schema',
    isMet: (value) => isTruth(value) || isObject(value),
  },
];

export function checkKeywordValues(schema: JsonObject, path: Path, inspection: Inspection): void {
  for (const { keywords, expects, isMet } of DEMANDS) {
    for (const keyword of keywords) {
      const value = schema[keyword];
      if (value !== undefined && !isMet(value))
        inspection.error([...path, keyword], 8, `"${keyword}" must be ${expects}`);
    }
  }
}

function isTruth(value: Json): boolean {
  return typeof value === 'boolean';
}
