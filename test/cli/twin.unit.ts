import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type Test, test } from 'tap';
import { EXIT } from '../../src/cli/exit-codes.ts';
import { startTwin } from '../../src/twin/twin.ts';
import { ownFolder } from '../support/own-folder.ts';
import { plainNode } from '../support/plain-node.ts';
import { type Recorder, recorder } from '../twin/recorder.ts';
import { documentOf, operation, requestBody, responses } from '../twin/sample-document.ts';
import { executable, hotlane } from './run-hotlane.ts';

const said = { type: 'object', properties: { status: { type: 'string' }, said: { type: 'string' } } };
const body = requestBody({ type: 'object', required: ['name'], properties: { name: { type: 'string' } } });
const greet = operation('hello', { requestBody: body, responses: responses(said) });
const talk = operation('talk', { 'x-runMode': 'Streaming' });
const closed = operation('closed');

/** A server with one plugin; `answer`: of its tools. */
function server(
  t: Test,
  answer = '{"status":"success","said":"Hello, Li!","more":1}',
  paths = {},
): Promise<Recorder> {
  return recorder(t, (response, { url = '', headers }) => {
    const all = { '/hello': { post: greet }, '/talk': { post: talk }, '/closed': { post: closed }, ...paths };
    if (url === '/p/greet/openapi.json') {
      response.end(JSON.stringify(documentOf(all, 'https://plugins.example.com/p/greet')));
    } else if (url === '/p/greet/closed') response.writeHead(401).end('{"message":"Not you."}');
    else if (/^\/(?:p\/greet\/|execute\/greet\/hello\b)/.test(url)) {
      if (headers['accept'] === 'text/event-stream') response.setHeader('Content-Type', 'text/event-stream');
      response.end(answer);
    } else response.writeHead(404).end('{"status":"error","message":"No such plugin."}');
  });
}

const li = ['--json', '{"name":"Li"}'];

test('a call as Coze prints what the model would see, and names what it would not', async (t) => {
  const { url, seen } = await server(t);
  const who = ['--user', '7', '--bot', '8', '--conversation', '9', '--token', 's3cret,old'];
  const run = await hotlane(['call', 'greet', 'hello', ...li, '--url', url, ...who]);
  t.strictSame(run, {
    exitCode: EXIT.done,
    stdout: '{\n  "status": "success",\n  "said": "Hello, Li!"\n}\n',
    stderr: [
      `note: Coze would call https://plugins.example.com; this call goes to ${url}`,
      'note: answer.more is not declared: Coze drops it',
      '',
    ].join('\n'),
  });
  t.match(seen[1], {
    url: '/p/greet/hello',
    body: '{"name":"Li"}',
    headers: {
      'x-aiplugin-connector-identifier': '7',
      'x-aiplugin-bot-id': '8',
      'x-aiplugin-conversation-id': '9',
      'x-service-token': 's3cret',
    },
  });
});

test('the exit code tells who has refused', async (t) => {
  const gone = await startTwin();
  await gone.close();
  const [refusing, broken, strict] = await Promise.all([
    server(t, '{"status":"error","said":"Not you."}'),
    server(t, '<html>'),
    server(t, '', { bad: { post: greet } }),
  ]);
  const [tool, answer, document, plugin, name, args, nobody, typed, status] = await Promise.all([
    hotlane(['call', 'greet', 'hello', ...li, '--url', refusing.url]),
    hotlane(['call', 'greet', 'hello', ...li, '--url', broken.url]),
    hotlane(['call', 'greet', 'hello', ...li, '--url', strict.url]),
    hotlane(['call', 'other', 'hello', ...li, '--url', refusing.url]),
    hotlane(['call', 'greet', 'other', ...li, '--url', refusing.url]),
    hotlane(['call', 'greet', 'hello', '--url', refusing.url]),
    hotlane(['call', 'greet', 'hello', '--url', gone.url]),
    hotlane(['call', 'greet', 'hello', '--json', '[1]']),
    hotlane(['call', 'greet', 'closed', '--url', refusing.url]),
  ]);
  t.match(tool, { exitCode: EXIT.refused, stdout: '"said": "Not you."' });
  t.match(answer, {
    exitCode: EXIT.failed,
    stdout: '',
    stderr: 'In Coze the call fails: response is not object',
  });
  t.match(document, {
    exitCode: EXIT.rejected,
    stdout: '',
    stderr: /rule 2 {2}#\/paths\/bad {2}a path begins with a slash/,
  });
  t.match(plugin, { exitCode: EXIT.refused, stderr: 'answers with 404: No such plugin.' });
  t.match(name, { exitCode: EXIT.refused, stderr: 'has no tool other; it has hello, talk, closed.' });
  t.match(args, { exitCode: EXIT.usage, stderr: "parameter 'name' is required" });
  t.match(nobody, { exitCode: EXIT.unreachable, stdout: '', stderr: 'the connection was refused' });
  t.match(typed, { exitCode: EXIT.usage, stderr: '--json: expected a JSON object, got [1]' });
  t.match(status, { exitCode: EXIT.refused, stdout: '', stderr: 'status=401' });
});

test('where the server is and which token it takes come from its settings', async (t) => {
  const { url, seen } = await server(t);
  const cwd = ownFolder(t, {
    'hotlane.config.json': JSON.stringify({
      port: Number(new URL(url).port),
      pluginSettings: {
        greet: {
          auth: [{ type: 'service-token', name: 'Key', in: 'query', tokens: [{ env: 'HOTLANE_T' }] }],
        },
      },
    }),
    token: 's3cret\n',
  });
  const surroundings = { cwd, env: { HOTLANE_T_FILE: `${cwd}/token` } };
  const call = ['call', 'greet', 'hello', ...li, '--as', 'execute'];
  const runs = [
    await hotlane(call, surroundings),
    await hotlane([...call, '--token', ''], surroundings),
    await hotlane([...call, '--port', '0'], surroundings),
  ];
  t.match(
    runs.map(({ exitCode }) => exitCode),
    [EXIT.done, EXIT.done, EXIT.usage],
  );
  t.match(runs[2], { stderr: '--url: expected a URL' });
  t.strictSame(
    seen.map((one) => one.url),
    ['/execute/greet/hello?Key=s3cret', '/execute/greet/hello'],
  );
});

test('a streaming tool is shown as it talks, and the other contract is called by its envelope', async (t) => {
  const flags = { is_finish: true, is_last_msg: true, is_last_packet_in_msg: true };
  const packet = `id: 1\nevent: Message\ndata: ${JSON.stringify({ ...flags, stream_id: 's', content: 'Hi.\u001b[2J' })}\n\n`;
  const [talking, answering] = await Promise.all([server(t, packet), server(t)]);
  const [stream, execute] = await Promise.all([
    hotlane(['call', 'greet', 'talk', '--stream', '--url', talking.url]),
    hotlane(['call', 'greet', 'hello', ...li, '--as', 'execute', '--bot', '8', '--url', answering.url]),
  ]);
  t.match(stream, { exitCode: EXIT.done, stdout: /^Hi\.\[2J\n$/, stderr: 'note: 1 packet\n' });
  t.match(execute, { exitCode: EXIT.done, stdout: '"more": 1', stderr: '' });
  const envelope = { user_id: '7400000000000000001', bot_id: '8', parameters: { name: 'Li' } };
  t.strictSame(JSON.parse(answering.seen[0]?.body ?? ''), envelope);
});

test('the twin prints how to point a server at it, serves, and ends when it is asked to', async (t) => {
  const child = spawn(...plainNode(executable, 'twin', '--port', '0', '--consent', 'allow'), {
    env: {},
    timeout: 30_000,
  });
  const ended = once(child, 'close');
  const stderr = text(child.stderr);
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (!line.startsWith('HOTLANE_COZE_TOKEN_KEYS=')) continue;
    const url = lines.find((one) => one.startsWith('HOTLANE_COZE_API_URL='))?.split('=')[1] ?? '';
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'hotlane-local.app.coze',
      redirect_uri: 'http://127.0.0.1:8080/oauth/coze/callback',
      state: 's',
    });
    const sent = await fetch(`${url}/api/permission/oauth2/authorize?${query}`, { redirect: 'manual' });
    t.match(sent.headers.get('location'), /\/oauth\/coze\/callback\?code=code_[\w-]+&state=s$/);
    child.kill('SIGTERM');
  }
  t.strictSame(await ended, [EXIT.done, null]);
  t.match(lines, [
    'HOTLANE_PUBLIC_URL=http://127.0.0.1:8080',
    /^HOTLANE_STATE_DIR=.*hotlane-twin-[0-9a-f]{12}$/,
    /^HOTLANE_COZE_WEB_URL=http:\/\/127\.0\.0\.1:\d+$/,
    /^HOTLANE_COZE_API_URL=http:\/\/127\.0\.0\.1:\d+$/,
    'HOTLANE_COZE_CLIENT_ID=hotlane-local.app.coze',
    'HOTLANE_COZE_CLIENT_SECRET=twin-secret',
    /^HOTLANE_COZE_TOKEN_KEYS=twin:[\w+/]{43}=$/,
  ]);
  t.match(await stderr, 'GET /api/permission/oauth2/authorize 302');
});

test('an event is sent as often as it is asked for, with the answer of each delivery', async (t) => {
  const { url, seen } = await recorder(t, (response, { url: path }) => {
    response.writeHead(path === '/coze/callback' ? 200 : 401).end('{}');
  });
  const event = ['twin', 'send-event', '--type', 'bot.published', '--event', '{"bot_id":"7"}'];
  const env = { HOTLANE_CALLBACK_TOKEN: 't0ken' };
  const [twice, refused, unsigned] = await Promise.all([
    hotlane([...event, '--to', `${url}/coze/callback`, '--event-id', 'e-1', '--repeat', '2'], { env }),
    hotlane([...event, '--to', `${url}/other`], { env }),
    hotlane([...event, '--to', `${url}/coze/callback`]),
  ]);
  t.match(twice, { exitCode: EXIT.done, stderr: /^(?:Taken after \d+ ms\.\n){2}$/ });
  const deliveries = twice.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(deliveries, [{ outcome: 'taken', eventId: 'e-1', status: 200 }, { eventId: 'e-1' }]);
  t.match(refused, { exitCode: EXIT.refused, stdout: '"status":401', stderr: 'Coze would send it again' });
  t.match(unsigned, { exitCode: EXIT.usage, stdout: '', stderr: '--token' });
  t.equal(seen.length, 3);
});
