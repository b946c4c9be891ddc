import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { test } from 'tap';
import { ERRORS, type ErrorCode } from '../../src/core/errors.ts';
import { errorBody, successBody, toolErrorBody } from '../../src/wire/reply-body.ts';

/** Every UTF-16 unit, lone surrogates too. */
const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
});

test('a success carries the plugin’s answer as data', async (t) => {
  t.strictSame(JSON.parse(successBody('{"a":[1]}')), { status: 'success', data: { a: [1] } });
});

test('an error is JSON whatever message and request id contain', async () => {
  fc.assert(
    fc.property(anyText, anyText, (message, id) => {
      const plain = { status: 'error', message, request_id: id };
      return (
        isDeepStrictEqual(JSON.parse(toolErrorBody(message, id)), plain) &&
        isDeepStrictEqual(JSON.parse(errorBody('NOT_JSON', id, message)), { ...plain, code: 'NOT_JSON' })
      );
    }),
  );
});

test('without a detail an error says the sentence of the table', async (t) => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    t.match(JSON.parse(errorBody(code, 'r')), { code, message: ERRORS[code].sentence, request_id: 'r' });
  }
});
