/** The answer to a call as a schema: the tool's output in its wrapping, or an error that the model can read. */
import type { JsonObject } from '../wire/json-schema.ts';
import { isObject } from './json-kinds.ts';

/** `output`: the tool's own, converted; undefined: it can be any object. */
export function answerSchema(output: JsonObject | undefined): JsonObject {
  // A tool that answers with nothing has no `data` to filter: an object without properties does not import well.
  const isNothing = isObject(output?.properties) && Object.keys(output.properties).length === 0;
  return {
    type: 'object',
    properties: {
      status: {
        type: 'string',
        enum: ['success', 'error'],
        description: 'Whether the tool has done its work.',
      },
      ...(!isNothing && { data: output ?? ANYTHING }),
      code: { type: 'string', description: 'What kind of error it is; only on error.' },
      message: { type: 'string', description: 'What went wrong, in words; only on error.' },
      request_id: { type: 'string', description: 'Names the call in the server’s log; only on error.' },
    },
    required: ['status'],
  };
}

/** Stands for a schema that OpenAPI 3.0 for Coze cannot say. */
export const ANYTHING: JsonObject = {
  type: 'object',
  description: 'Its members cannot be said in this dialect; see the plugin’s own schema.',
};

/** The `responses` of an operation. */
export function responses(output: JsonObject | undefined): JsonObject {
  return {
    200: described('The answer, or an error in words.', answerSchema(output)),
  };
}

/** A response of one schema. */
export function described(description: string, schema: JsonObject): JsonObject {
  return { description, content: { 'application/json': { schema } } };
}
