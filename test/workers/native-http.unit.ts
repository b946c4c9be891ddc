import { test } from 'tap';
import { readNativeHttp } from '../../workers/native-http.ts';

const INPUT = {
  type: 'object',
  properties: { id: { type: 'string' }, page: { type: 'integer' }, tags: { type: 'array' }, note: {} },
  required: ['id', 'tags'],
};
const read = (http: unknown, input: object = INPUT) =>
  readNativeHttp('get', http, { ...input }, 'tools.get.http');

test('a tool that says nothing is called by POST at its name, all arguments in the body', async (t) => {
  t.strictSame(read(undefined), { method: 'POST', path: '/get', pathArguments: [], queryArguments: [] });
});

test('a GET has in its query what does not stand in its path', async (t) => {
  t.strictSame(read({ method: 'GET', path: '/orders/{id}/lines' }), {
    method: 'GET',
    path: '/orders/{id}/lines',
    pathArguments: ['id'],
    queryArguments: ['page', 'tags', 'note'],
  });
  t.strictSame(read({ method: 'GET' }, { type: 'object' }).queryArguments, []);
});

test('what could not be called is refused with what is expected', async (t) => {
  for (const [http, reason] of [
    ['GET', /http must be an object/],
    [{ method: 'PUT' }, /method must be "GET" or "POST"/],
    [{ path: 'orders' }, /path must be a path such as/],
    [{ path: 7 }, /path must be a path such as/],
    [{ path: '/a//b' }, /the segment "" must be plain text or one \{argument\}/],
    [{ path: '/a/../b' }, /the segment ".."/],
    [{ path: '/a?b' }, /the segment "a\?b"/],
    [{ path: '/{id}.json' }, /the segment "\{id\}.json"/],
    [{ path: '/{page}' }, /\{page\} must be a required argument of one scalar type/],
    [{ path: '/{tags}' }, /\{tags\} must be a required argument/],
    [{ path: '/{nothing}' }, /\{nothing\} must be a required argument/],
    [{ path: '/{id}/{id}' }, /names an argument twice/],
    [{ path: '/openapi.json' }, /the place of the plugin’s document/],
    [{ query: 'page' }, /query must be an array/],
    [{ query: ['nothing'] }, /"nothing" must be an argument/],
    [{ path: '/{id}', query: ['id'] }, /"id" must be an argument that does not stand in the path/],
  ] as const) {
    t.throws(() => read(http), { message: reason }, JSON.stringify(http));
  }
});
