/**
 * Compiles the tools' schemas and words their violations. The only importer of ajv.
 */
import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';
import type { JsonSchema } from '../src/plugin/plugin.ts';

/**
 * Returns undefined when the value conforms, else what is wrong, in the specification's words. `root`: what the value is
 * called there, '' for nothing; else as it was compiled.
 */
export type Check = (value: unknown, root?: string) => string | undefined;

/** Keywords of Coze's OpenAPI dialect that say nothing about validity. */
const ANNOTATIONS = [
  'example',
  'x-assist-type',
  'x-global-disable',
  'x-local-disable',
  'x-variable-ref',
  'x-auth-mode',
  'x-runMode',
];

/** Formats Coze gives to file inputs: all of them are URLs as text. */
const FILE_KINDS = ['file', 'image', 'doc', 'ppt', 'code', 'excel', 'zip', 'video', 'audio', 'txt'];

/** Longest detail of one violation: answers stay small whatever the schema says and the caller sends. */
const LONGEST_DETAIL = 300;

/** Longest text the format `url` takes, in UTF-16 units. */
const LONGEST_URL = 4096;

/** Compiled schemas are right: checked by whoever made sure of the plugin before. */
export type SchemaTrust = 'unchecked' | 'checked';

/**
 * Checks schemas themselves, for all compilers of this thread: to compile the schema of schemas takes longer than
 * all the rest of a worker's schemas, and each instance of ajv would do it anew.
 */
let metaSchema: Ajv | undefined;

/** A compiler for one plugin's schemas. A new one per plugin version: ajv never forgets a schema. */
export class SchemaCompiler {
  private readonly ajv: Ajv;
  private readonly trust: SchemaTrust;

  constructor(trust: SchemaTrust = 'unchecked') {
    this.trust = trust;
    this.ajv = new Ajv({
      strict: true,
      strictRequired: false,
      strictTypes: false,
      allowUnionTypes: true,
      ownProperties: true,
      validateSchema: false,
    });
    this.ajv.addVocabulary(ANNOTATIONS);
    addFormats.default(this.ajv);
    // Its expression takes time with the square of the length: 180 KB of `}:T` kept a thread busy for 16 s.
    const { url } = this.ajv.formats;
    if (!(url instanceof RegExp)) throw new Error('the format url is no regular expression any more');
    this.ajv.addFormat('url', (text: string) => text.length <= LONGEST_URL && url.test(text));
    for (const kind of FILE_KINDS) this.ajv.addFormat(`${kind}_url`, true);
  }

  /** `root`: what the value is called in messages, '' for nothing. Throws on a schema that does not compile. */
  compile(schema: JsonSchema, root: string): Check {
    if (this.trust === 'unchecked') {
      metaSchema ??= new Ajv({ strict: false });
      void metaSchema.validateSchema(schema, true);
    }
    const validate = this.ajv.compile(schema);
    return (value, called = root) => {
      if (validate(value)) return undefined;
      const first = validate.errors?.[0];
      return first === undefined ? 'The value does not conform' : cut(violation(first, called));
    };
  }
}

/** The first violation in words, for example `"parameters.user.age" must be integer`. */
function violation(error: ErrorObject, root: string): string {
  const path = readablePath(root, error.instancePath);
  const named = path === '' ? 'The value' : `"${path}"`;
  const param = (key: string): string => String(error.params[key]);
  const member = (key: string): string => `"${path === '' ? '' : `${path}.`}${param(key)}"`;
  switch (error.keyword) {
    case 'required':
      return `${member('missingProperty')} is required`;
    case 'additionalProperties':
      return `${member('additionalProperty')} is not allowed`;
    case 'type':
      return `${named} must be ${param('type').replaceAll(',', ' or ')}`;
    case 'enum':
      return `${named} must be one of ${JSON.stringify(error.params.allowedValues).slice(1, -1)}`;
    case 'const':
      return `${named} must be ${JSON.stringify(error.params.allowedValue)}`;
    default:
      return `${named} ${error.message ?? 'does not conform'}`;
  }
}

function cut(detail: string): string {
  return detail.length > LONGEST_DETAIL ? `${detail.slice(0, LONGEST_DETAIL)}…` : detail;
}

/** `/items/0/name` under `parameters` reads `parameters.items[0].name`. */
function readablePath(root: string, instancePath: string): string {
  let path = root;
  for (const raw of instancePath.split('/').slice(1)) {
    const step = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (/^[0-9]+$/.test(step)) path += `[${step}]`;
    else path += path === '' ? step : `.${step}`;
  }
  return path;
}
