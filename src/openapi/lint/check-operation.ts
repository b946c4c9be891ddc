/** Rules 2, 3 and 5: operations, the bodies they take and what they answer. */
import type { Json, JsonObject } from '../../wire/json-schema.ts';
import { OPERATION_ID } from '../dialect.ts';
import { isObject, isText, member } from '../json-kinds.ts';
import { checkParameters } from './check-parameters.ts';
import { checkObjectSchema } from './check-schema.ts';
import type { Inspection, Path } from './inspection.ts';
import { METHODS } from './known-keys.ts';

const JSON_TYPE = 'application/json';

/** `operationIds`: those of the paths before; those of this one are added. */
export function checkPath(name: string, item: Json, operationIds: Set<string>, inspection: Inspection): void {
  const found = inspection.follow(item, ['paths', name]);
  if (found === undefined) return;
  const { value, path } = found;
  if (!isObject(value)) {
    inspection.error(path, 2, 'a path must be an object with an operation for each method');
    return;
  }
  inspection.checkKeys(value, 'path', path);
  for (const method of METHODS) {
    const operation = member(value, method);
    if (operation === undefined) continue;
    const at = [...path, method];
    if (!isObject(operation)) inspection.error(at, 2, 'an operation must be an object');
    else {
      checkOperation(operation, at, operationIds, inspection);
      checkParameters(
        name,
        [
          [value.parameters, [...path, 'parameters']],
          [operation.parameters, [...at, 'parameters']],
        ],
        at,
        inspection,
      );
    }
  }
}

function checkOperation(
  operation: JsonObject,
  path: Path,
  operationIds: Set<string>,
  inspection: Inspection,
): void {
  inspection.checkKeys(operation, 'operation', path);
  const { operationId, summary, requestBody, responses } = operation;
  if (!isText(operationId) || !OPERATION_ID.test(operationId))
    inspection.error(
      [...path, 'operationId'],
      2,
      `"operationId" must be there and match ${OPERATION_ID.source}`,
    );
  else if (operationIds.has(operationId))
    inspection.error([...path, 'operationId'], 2, `another operation has the operationId ${operationId}`);
  else operationIds.add(operationId);
  if (!isText(summary) || summary.trim() === '')
    inspection.error(
      [...path, 'summary'],
      2,
      '"summary" must be there: it tells the model what the tool is for',
    );
  if (requestBody !== undefined) checkRequestBody(requestBody, [...path, 'requestBody'], inspection);
  if (!isObject(responses)) inspection.error(path, 2, '"responses" must be there');
  else checkResponses(responses, [...path, 'responses'], inspection);
}

function checkRequestBody(requestBody: Json, at: Path, inspection: Inspection): void {
  const found = inspection.follow(requestBody, at);
  if (found === undefined) return;
  const { value, path } = found;
  if (!isObject(value)) {
    inspection.error(path, 3, 'a request body must be an object');
    return;
  }
  inspection.checkKeys(value, 'requestBody', path);
  checkContent(value.content, [...path, 'content'], 3, inspection);
}

function checkResponses(responses: JsonObject, path: Path, inspection: Inspection): void {
  for (const status of Object.keys(responses)) {
    if (status !== '200' && status !== 'default' && !status.startsWith('x-'))
      inspection.error(
        [...path, status],
        5,
        `the response ${status} must go; Coze takes "200" and "default" only`,
      );
  }
  if (member(responses, '200') === undefined) inspection.error(path, 5, 'the response "200" must be there');
  for (const status of ['200', 'default']) {
    const response = member(responses, status);
    if (response !== undefined) checkResponse(response, status, [...path, status], inspection);
  }
}

function checkResponse(response: Json, status: string, at: Path, inspection: Inspection): void {
  const found = inspection.follow(response, at);
  if (found === undefined) return;
  const { value, path } = found;
  if (!isObject(value)) {
    inspection.error(path, 5, 'a response must be an object');
    return;
  }
  inspection.checkKeys(value, 'response', path);
  if (!isText(value.description))
    inspection.error([...path, 'description'], 5, 'a response must have a description');
  if (status === '200' || value.content !== undefined)
    checkContent(value.content, [...path, 'content'], 5, inspection);
}

/** Rule 3 is of requests, rule 5 of answers. */
function checkContent(content: Json | undefined, path: Path, rule: 3 | 5, inspection: Inspection): void {
  const media = isObject(content) ? member(content, JSON_TYPE) : undefined;
  if (!isObject(content) || !isObject(media) || Object.keys(content).length !== 1) {
    inspection.error(path, rule, `"content" must have ${JSON_TYPE} and nothing else`);
    return;
  }
  const at = [...path, JSON_TYPE];
  inspection.checkKeys(media, 'mediaType', at);
  if (media.schema === undefined) inspection.error(at, rule, `${JSON_TYPE} must have a schema`);
  else checkObjectSchema(media.schema, [...at, 'schema'], rule, inspection);
}
