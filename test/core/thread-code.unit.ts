import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Test, test } from 'tap';
import { isJoined, JOINED, MADE_OF } from '../../src/core/thread-code.ts';
import { ownFolder } from '../support/own-folder.ts';

const JOIN = fileURLToPath(new URL('../../scripts/join-threads.ts', import.meta.url));

const says = (text: string): string =>
  `import { parentPort } from 'node:worker_threads';\nparentPort?.postMessage('${text}');\n`;

/** A package of three small threads, joined. */
function pack(t: Test): { readonly folder: string; readonly root: URL } {
  const folder = ownFolder(t, {
    'package.json': '{"type":"module"}',
    workers: {
      'serve.ts': `import { parentPort } from 'node:worker_threads';
        import { greeting } from './greeting.ts';
        import { whom } from 'whom';
        parentPort?.postMessage(greeting + whom);`,
      'greeting.ts': "export const greeting: string = 'good day, ';",
      'probe.ts': says('probe'),
    },
    src: { oauth: { thread: { 'run.ts': says('tokens') } } },
    node_modules: {
      whom: {
        'package.json': '{"name":"whom","version":"1.0.0","main":"whom.js"}',
        // CommonJS that asks for one of Node's modules.
        'whom.js': "exports.whom = require('node:path').basename('/to/all');",
      },
    },
  });
  execFileSync(process.execPath, [JOIN, folder]);
  return { folder, root: pathToFileURL(`${folder}/`) };
}

test('joined code does what the sources do, without them', async (t) => {
  const { folder } = pack(t);
  for (const gone of ['workers', 'src', 'node_modules']) rmSync(join(folder, gone), { recursive: true });
  for (const [name, said] of [
    ['workers/serve', 'good day, all'],
    ['workers/probe', 'probe'],
    ['src/oauth/thread/run', 'tokens'],
  ] as const) {
    const worker = new Worker(join(folder, JOINED, `${name}.js`), { execArgv: [] });
    const [message] = await once(worker, 'message');
    t.equal(message, said);
    await worker.terminate();
  }
});

test('joined code is taken while every source and the version of every package is as it was', async (t) => {
  const { folder, root } = pack(t);
  t.ok(isJoined(root));
  for (const file of [
    'workers/serve.ts',
    'workers/greeting.ts',
    'src/oauth/thread/run.ts',
    'node_modules/whom/package.json',
  ]) {
    const path = join(folder, file);
    const before = readFileSync(path);
    writeFileSync(path, Buffer.concat([before, Buffer.from(' ')]));
    t.notOk(isJoined(root), `${file} has changed`);
    rmSync(path);
    t.notOk(isJoined(root), `${file} has gone`);
    writeFileSync(path, before);
    t.ok(isJoined(root), `${file} is what it was`);
  }
});

test('code that was never joined, or not to the end, is not taken', async (t) => {
  const { folder, root } = pack(t);
  const madeOf = join(folder, JOINED, MADE_OF);
  for (const text of ['', '{}', '{"files":[],"digest":""}', 'null']) {
    writeFileSync(madeOf, text);
    t.notOk(isJoined(root), text);
  }
  rmSync(join(folder, 'build'), { recursive: true });
  t.notOk(isJoined(root));
});

test('the threads of this package are joined before the tests, so that the tests test them', async (t) => {
  t.ok(isJoined(new URL('../../', import.meta.url)));
});
