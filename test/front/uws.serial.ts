import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { test } from 'tap';
import { uWS } from '../../src/front/uws.ts';
import { ownFolder } from '../support/own-folder.ts';
import { plainNode } from '../support/plain-node.ts';

const loader = import.meta.resolve('../../src/front/uws.ts');
const packageFolder = dirname(createRequire(import.meta.url).resolve('uWebSockets.js'));
const binary = `uws_linux_${process.arch}_137.node`;
const linux = process.platform === 'linux' ? {} : { skip: 'only Linux binaries are adapted' };

/** An expression: serves one request with the loader at a URL, and gives the text of the answer. */
const serveOnce = `(async (url) => {
  const { uWS } = await import(url);
  const app = uWS.App().any('/*', (res, req) => { res.end('served ' + req.getUrl()); });
  const socket = await new Promise((done) => app.listen('127.0.0.1', 0, done));
  const answer = await fetch('http://127.0.0.1:' + uWS.us_socket_local_port(socket) + '/once');
  const text = await answer.text();
  app.close();
  return text;
})`;

test('the main thread serves a request with 15 KB of headers', async (t) => {
  const app = uWS.App().any('/*', (res, req) => {
    res.end(String(req.getHeader('x-long').length));
  });
  t.teardown(() => app.close());
  const port = await new Promise<number>((done) => {
    app.listen('127.0.0.1', 0, (socket) => done(socket === false ? -1 : uWS.us_socket_local_port(socket)));
  });
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-long': 'x'.repeat(15_000) } });
  t.equal(await answer.text(), '15000');
});

test('worker threads serve a request, several at once', async (t) => {
  const script = `const { parentPort, workerData } = require('node:worker_threads');
    ${serveOnce}(workerData).then((text) => parentPort.postMessage(text));`;
  const answers = Array.from({ length: 3 }, () => {
    const worker = new Worker(script, { eval: true, execArgv: [], workerData: loader });
    return new Promise((done, failed) => worker.once('message', done).once('error', failed));
  });
  t.same(await Promise.all(answers), ['served /once', 'served /once', 'served /once']);
});

/** A new app, and whether it got the port for itself. */
async function takePort(port: number) {
  const app = uWS.App();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  app.listen('127.0.0.1', port, uWS.LIBUS_LISTEN_EXCLUSIVE_PORT, (socket) => resolve(socket !== false));
  return { app, taken: await promise };
}

test('a port taken exclusively cannot be taken again, and is free after the app closed', async (t) => {
  // Below the ports that systems give to outgoing connections, so that none of those comes between.
  let port = 20_000 + (process.pid % 10_000);
  let first = await takePort(port);
  for (let tries = 0; !first.taken && tries < 20; tries++) first = await takePort(++port);
  const second = await takePort(port);
  first.app.close();
  const third = await takePort(port);
  third.app.close();
  t.same([first.taken, second.taken, third.taken], [true, false, true]);
});

/** The loader beside a uWebSockets.js that fails with `failure`, run in a process of its own. */
async function loaderWhosePlainLoadFails(home: string, failure: string) {
  const fakePackage = join(home, 'node_modules', 'uWebSockets.js');
  await mkdir(fakePackage, { recursive: true });
  await writeFile(join(fakePackage, 'index.js'), `throw new Error(${JSON.stringify(failure)});`);
  for (const file of ['uws.ts', 'adapt-glibc.ts', 'private-copy.ts']) {
    await copyFile(join(dirname(fileURLToPath(loader)), file), join(home, file));
  }
  const url = pathToFileURL(join(home, 'uws.ts')).href;
  const script = `console.log(await ${serveOnce}(${JSON.stringify(url)}))`;
  /** What the process printed, or the error it ended with. */
  const run = () =>
    promisify(execFile)(...plainNode('--input-type=module', '-e', script), {
      env: { XDG_CACHE_HOME: home },
      timeout: 60_000,
    }).then(
      ({ stdout }) => stdout.trim(),
      (error: unknown) => String(error),
    );
  return { fakePackage, cache: join(home, 'hotlane'), run };
}

const tooOld = "libc.so.6: version `GLIBC_2.38' not found";

test('where the plain load fails for glibc 2.38, processes share an adapted copy', linux, async (t) => {
  const { fakePackage, cache, run } = await loaderWhosePlainLoadFails(ownFolder(t, {}), tooOld);
  await copyFile(join(packageFolder, binary), join(fakePackage, binary));
  t.same(await Promise.all([run(), run()]), ['served /once', 'served /once']);
  t.equal((await readdir(cache)).length, 1);
});

test('a copy tampered with is not loaded but replaced', linux, async (t) => {
  const { fakePackage, cache, run } = await loaderWhosePlainLoadFails(ownFolder(t, {}), tooOld);
  await copyFile(join(packageFolder, binary), join(fakePackage, binary));
  t.equal(await run(), 'served /once');
  const [name = ''] = await readdir(cache);
  const copy = join(cache, name);
  const adapted = await readFile(copy);
  await chmod(copy, 0o600);
  await writeFile(copy, 'not a library');
  t.equal(await run(), 'served /once');
  t.ok((await readFile(copy)).equals(adapted));
});

test('a binary that is not the pinned one is refused with what to install', linux, async (t) => {
  const { fakePackage, cache, run } = await loaderWhosePlainLoadFails(ownFolder(t, {}), tooOld);
  const foreign = await readFile(join(packageFolder, binary));
  foreign.writeUInt8(foreign.readUInt8(foreign.length - 1) ^ 1, foreign.length - 1);
  await writeFile(join(fakePackage, binary), foreign);
  t.match(
    await run(),
    /does not load: Error: uws_linux_.* is not the pinned binary\. Run on a system with glibc/,
  );
  await t.rejects(readdir(cache), { code: 'ENOENT' }, 'nothing is written');
});

test('a plain load that fails for another reason is reported with it', async (t) => {
  const { run } = await loaderWhosePlainLoadFails(ownFolder(t, {}), 'no such luck');
  t.match(await run(), /does not load: Error: no such luck\. Run on a system with glibc/);
});
