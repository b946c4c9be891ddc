/** Rules 2 to 5: what an operation must say about itself, its arguments and its answer. */
import { below, type Findings } from './findings.ts';
import { isArray, isObject, type Json, type JsonObject, member } from './json.ts';
import { checkKeys } from './known-keys.ts';
import { checkSchema, type Side } from './schema-rules.ts';
import { whyInvalid } from './value-check.ts';

const NAME = /^[A-Za-z0-9_-]{1,64}$/;

export function checkOperation(
  operation: JsonObject,
  method: string,
  path: string,
  place: string,
  findings: Findings,
): void {
  checkKeys(operation, 'operation', place, findings);
  const { operationId, summary, requestBody, responses } = operation;
  if (typeof operationId !== 'string' || !NAME.test(operationId)) {
    findings.add(2, below(place, 'operationId'), '1 to 64 letters, digits, _ and -');
  }
  if (typeof summary !== 'string' || summary === '') {
    findings.add(2, below(place, 'summary'), 'the model reads it, so it must not be empty');
  }
  if (requestBody !== undefined) checkBody(requestBody, method, below(place, 'requestBody'), findings);
  checkParameters(operation['parameters'] ?? [], path, below(place, 'parameters'), findings);
  if (isObject(responses)) checkResponses(responses, below(place, 'responses'), findings);
  else findings.add(2, below(place, 'responses'), 'an operation has responses');
}

function checkBody(body: Json, method: string, place: string, findings: Findings): void {
  if (!isObject(body)) {
    findings.add(3, place, 'a request body is an object with content');
    return;
  }
  checkKeys(body, 'requestBody', place, findings);
  if (method === 'get') findings.add(3, place, 'a GET has no body; declare its arguments as parameters');
  checkContent(body['content'], 'input', 3, below(place, 'content'), findings);
}

/** Exactly application/json, whose schema is an object. */
function checkContent(
  content: Json | undefined,
  side: Side,
  rule: 3 | 5,
  place: string,
  findings: Findings,
): void {
  const [type, ...others] = isObject(content) ? Object.keys(content) : [];
  const media = isObject(content) ? content['application/json'] : undefined;
  if (type !== 'application/json' || others.length > 0 || !isObject(media)) {
    findings.add(rule, place, 'exactly one media type, application/json');
    return;
  }
  const here = below(place, 'application/json');
  checkKeys(media, 'mediaType', here, findings);
  const { schema } = media;
  if (!isObject(schema) || schema['type'] !== 'object') {
    findings.add(rule, below(here, 'schema'), 'the schema is an object');
  }
  checkSchema(schema, side, below(here, 'schema'), findings);
  if (isObject(schema)) checkExample(media, schema, here, findings);
}

function checkExample(holder: JsonObject, schema: JsonObject, place: string, findings: Findings): void {
  const { example } = holder;
  const reason = example === undefined ? undefined : whyInvalid(example, schema);
  if (reason !== undefined) findings.add(8, below(place, 'example'), reason);
}

function checkParameters(parameters: Json, path: string, place: string, findings: Findings): void {
  if (!isArray(parameters)) {
    findings.add(4, place, 'parameters are a list');
    return;
  }
  const seen = new Set<string>();
  for (const [n, parameter] of parameters.entries()) {
    const here = below(place, n);
    if (!isObject(parameter)) {
      findings.add(4, here, 'a parameter is an object');
      continue;
    }
    checkParameter(parameter, here, findings);
    const id = `${String(parameter['in'])} ${String(parameter['name'])}`;
    if (seen.has(id)) findings.add(4, here, 'the same parameter twice');
    seen.add(id);
  }
  const inPath = new Set([...path.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name));
  for (const name of inPath) {
    if (!seen.has(`path ${name}`)) findings.add(4, place, `the path has {${name}}, which is not declared`);
  }
  for (const id of seen) {
    const name = id.startsWith('path ') ? id.slice('path '.length) : undefined;
    if (name !== undefined && !inPath.has(name)) findings.add(4, place, `the path has no {${name}}`);
  }
}

function checkParameter(parameter: JsonObject, place: string, findings: Findings): void {
  checkKeys(parameter, 'parameter', place, findings);
  const { name, in: where, required, schema } = parameter;
  if (typeof name !== 'string' || name === '')
    findings.add(4, below(place, 'name'), 'a parameter has a name');
  if (where !== 'path' && where !== 'query' && where !== 'header') {
    findings.add(4, below(place, 'in'), 'path, query or header');
  }
  if (where === 'path' && required !== true) {
    findings.add(4, below(place, 'required'), 'a parameter in the path is always required');
  }
  if (!isObject(schema)) {
    findings.add(4, below(place, 'schema'), 'a parameter has a schema');
    return;
  }
  const { type, items } = schema;
  if (type === 'object') findings.add(4, below(place, 'schema'), 'a parameter is no object');
  if (type === 'array' && where === 'path') findings.add(4, below(place, 'schema'), 'no arrays in the path');
  if (type === 'array' && isObject(items) && (items['type'] === 'object' || items['type'] === 'array')) {
    findings.add(4, below(place, 'schema', 'items'), 'an array in a parameter is one of scalars');
  }
  checkSchema(schema, 'input', below(place, 'schema'), findings);
  checkExample(parameter, schema, place, findings);
}

function checkResponses(responses: JsonObject, place: string, findings: Findings): void {
  for (const [status, response] of Object.entries(responses)) {
    const here = below(place, status);
    if (status.startsWith('x-')) continue;
    if (status !== '200' && status !== 'default') findings.add(5, here, 'only 200 and default');
    else if (!isObject(response)) findings.add(5, here, 'a response is an object');
    else {
      checkKeys(response, 'response', here, findings);
      if (typeof response['description'] !== 'string') {
        findings.add(5, below(here, 'description'), 'a response has a description');
      }
    }
  }
  const success = member(responses, '200');
  if (success === undefined) findings.add(5, place, 'there is no 200');
  else if (isObject(success)) {
    checkContent(success['content'], 'answer', 5, below(place, '200', 'content'), findings);
  }
}
