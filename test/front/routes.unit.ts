import { join } from 'node:path';
import { test } from 'tap';
import type { ToolId } from '../../src/core/brand.ts';
import { type Route, Routes } from '../../src/front/routes.ts';
import { call, dataOf, envelope, isError, post } from '../support/http-call.ts';
import { ownFolder } from '../support/own-folder.ts';
import { RawConnection, request } from '../support/raw-connection.ts';
import { FIXTURE_PLUGINS, startTestServer } from '../support/server.ts';
import { sharedServer } from '../support/shared-server.ts';

const server = await sharedServer();

test('a path with plugin and tool leads to the tool', async (t) => {
  t.same(dataOf(await call(server, 'echo/echo', { a: 1 })), { a: 1 });
  t.same(dataOf(await call(server, 'reply/repeat', { text: 'ab', times: 3 })), { text: 'ababab' });
});

test('a successful answer is JSON that any origin may read', async (t) => {
  const { headers, body } = await call(server, 'echo/echo', { a: '界' });
  t.equal(body, '{"status":"success","data":{"a":"界"}}');
  t.equal(headers.get('content-type'), 'application/json');
  t.equal(headers.get('content-length'), String(Buffer.byteLength(body)));
  t.equal(headers.get('access-control-allow-origin'), '*');
});

test('a path with the plugin alone leads to its only tool', async (t) => {
  t.same(dataOf(await call(server, 'echo', { a: 1 })), { a: 1 });
});

test('a plugin with several tools needs the tool in the path', async (t) => {
  isError(t, await call(server, 'reply', {}), 'NO_DEFAULT_TOOL');
});

test('one trailing slash changes nothing, more do', async (t) => {
  t.same(dataOf(await call(server, 'echo/', { a: 1 })), { a: 1 });
  t.same(dataOf(await call(server, 'echo/echo/', { a: 1 })), { a: 1 });
  isError(t, await call(server, 'echo/echo//', {}), 'NOT_FOUND');
  isError(t, await call(server, `echo/echo${'/'.repeat(12_000)}`, {}), 'NOT_FOUND');
});

test('a query is no part of the path', async (t) => {
  t.same(dataOf(await call(server, 'echo?tool=other', { a: 1 })), { a: 1 });
});

test('/execute alone needs a default plugin', async (t) => {
  isError(t, await post(server, '/execute', envelope({})), 'NO_DEFAULT_PLUGIN');
  isError(t, await post(server, '/execute/', envelope({})), 'NO_DEFAULT_PLUGIN');
});

test('an unknown plugin or tool is named as such', async (t) => {
  for (const plugin of ['nobody', 'nobody/echo', 'Echo', '%65cho', 'constructor', '__proto__/echo']) {
    isError(t, await call(server, plugin, {}), 'UNKNOWN_PLUGIN');
  }
  for (const tool of ['echo/other', 'echo/Echo', 'echo/toString', 'reply/echo', 'echo//']) {
    isError(t, await call(server, tool, {}), 'UNKNOWN_TOOL');
  }
});

test('other paths lead nowhere', async (t) => {
  for (const path of ['/', '/executed', '/execute/echo/echo/echo', '//execute/echo', '/livez']) {
    isError(t, await post(server, path, envelope({})), 'NOT_FOUND');
  }
});

test('only POST and OPTIONS are answered at a path of ours', async (t) => {
  for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
    for (const path of ['/execute', '/execute/echo', '/execute/echo/echo', '/execute/nobody']) {
      const response = await fetch(server.url + path, { method });
      isError(t, await read(response), 'METHOD_NOT_ALLOWED');
      t.equal(response.headers.get('allow'), 'POST, OPTIONS');
    }
    const response = await fetch(`${server.url}/elsewhere`, { method });
    isError(t, await read(response), 'NOT_FOUND');
    t.equal(response.headers.get('allow'), null);
  }
});

test('the answer to HEAD has no body, so the connection stays in step', async (t) => {
  const connection = await RawConnection.to(server.port);
  t.teardown(() => connection.drop());
  for (const [path, status] of [
    ['/execute/echo', '405'],
    ['/elsewhere', '404'],
  ] as const) {
    connection.send(request('', { method: 'HEAD', path }));
    const head = await connection.head();
    t.match(head, new RegExp(`^HTTP/1.1 ${status} [^]*\r\nAccess-Control-Allow-Origin: \\*\r\n`));
    t.match(head, /\r\nContent-Length: [1-9]/);
  }
  connection.send(request(envelope({ a: 1 })));
  t.equal((await connection.answer())?.body, '{"status":"success","data":{"a":1}}');
});

test('a preflight is allowed at every path', async (t) => {
  for (const path of ['/execute', '/execute/echo', '/execute/nobody/tool', '/elsewhere']) {
    const response = await fetch(server.url + path, {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://www.coze.cn',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'content-type',
      },
    });
    t.equal(response.status, 204);
    t.equal(await response.text(), '');
    t.equal(response.headers.get('access-control-allow-origin'), '*');
    t.equal(response.headers.get('access-control-allow-methods'), 'GET, POST, OPTIONS');
    const allowed = response.headers.get('access-control-allow-headers')?.toLowerCase().split(', ');
    for (const name of ['content-type', 'x-request-id', 'x-coze-user-id', 'x-coze-bot-id']) {
      t.ok(allowed?.includes(name), name);
    }
  }
});

test('the only plugin is the default', async (t) => {
  const plugins = ownFolder(t, { echo: t.fixture('symlink', join(FIXTURE_PLUGINS, 'echo')) });
  const own = await startTestServer({ plugins, settings: { workers: 1 } });
  t.teardown(own.stop);
  for (const path of ['/execute', '/execute/', '/execute?a=b', '/execute/echo']) {
    t.same(dataOf(await post(own, path, envelope({ a: 1 }))), { a: 1 });
  }
});

test('the configured plugin is the default', async (t) => {
  const own = await startTestServer({ settings: { workers: 1, defaultPlugin: 'echo' } });
  t.teardown(own.stop);
  t.same(dataOf(await post(own, '/execute', envelope({ a: 1 }))), { a: 1 });
});

test('a configured default with several tools, or one that is not loaded, is told as such', async (t) => {
  const tools = ['one', 'two'].map((tool, id) => ({
    id: id as ToolId,
    plugin: 'known',
    tool,
    timeoutMs: 1,
    budgetMs: 0,
    guard: undefined,
    native: undefined,
    isStreaming: false,
    hidesStatus: { envelope: false, native: true },
  }));
  const find = (defaultPlugin: string, path: string): Route | undefined =>
    new Routes({ tools, defaultPlugin }).find('post', path);
  t.same(find('known', '/execute'), { kind: 'refused', code: 'NO_DEFAULT_TOOL' });
  t.same(find('other', '/execute'), { kind: 'refused', code: 'UNKNOWN_PLUGIN' });
  t.match(find('other', '/execute/known/two'), { kind: 'tool', tool: { id: 1 } });
});

async function read(response: Response) {
  return { status: response.status, headers: response.headers, body: await response.text() };
}
