import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Test, test } from 'tap';
import { EXIT } from '../../src/cli/exit-codes.ts';
import type { ActionReport } from '../../src/reload/control.ts';
import { plugin } from '../admin/scripted-control.ts';
import { ownFolder } from '../support/own-folder.ts';
import { hotlane } from './run-hotlane.ts';
import { running } from './running-admin.ts';

/** A port at which something else answers. */
async function stranger(t: Test, status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port at which nothing answers any more. */
async function deserted(t: Test): Promise<number> {
  const { server, port } = await running(t);
  await server.close();
  return port;
}

test('a request that the server does not understand, or fails at, is exit code 1 with its sentence', async (t) => {
  const { admin } = await running(t, {
    plugins: [plugin('greet')],
    end() {
      throw new Error('the disk is gone');
    },
  });
  const [misread, failed] = await Promise.all([
    hotlane(['rollback', 'greet', 'HEAD', ...admin]),
    hotlane(['reload', ...admin]),
  ]);
  t.match(misread, {
    exitCode: EXIT.failed,
    stdout: '',
    stderr: 'hash must be the beginning of a content hash',
  });
  t.match(failed, { exitCode: EXIT.failed, stdout: '', stderr: 'answers: the disk is gone\n' });
});

test('without a server the address that was tried is told, and what to do', async (t) => {
  const port = await deserted(t);
  const [plugins, reload] = await Promise.all([
    hotlane(['plugins', '--admin', `http://127.0.0.1:${port}`]),
    hotlane(['reload', '--admin-port', String(port)]),
  ]);
  const expected = {
    exitCode: EXIT.unreachable,
    stdout: '',
    stderr: [
      `No hotlane server answers at http://127.0.0.1:${port}: the connection was refused.`,
      'Start one with `hotlane start`, or name the admin address of a running one with --admin.',
      '',
    ].join('\n'),
  };
  t.strictSame(plugins, expected);
  t.strictSame(reload, expected);
});

test('something else at the address is not taken for hotlane', async (t) => {
  const answers = [
    [404, '<!doctype html>'],
    [200, '{"plugins":[{"name":"greet"}]}'],
    [200, '[]'],
    [200, ''],
  ] as const;
  const urls = await Promise.all(answers.map(([status, body]) => stranger(t, status, body)));
  const runs = await Promise.all(urls.map((url) => hotlane(['plugins', '--admin', url])));
  for (const [index, { exitCode, stdout, stderr }] of runs.entries()) {
    t.equal(exitCode, EXIT.unreachable);
    t.equal(stdout, '');
    t.match(stderr, `What answers at ${urls[index]} is not the admin port of this version of hotlane.`);
  }
});

test('a server that goes away in the middle is told, with where to look', async (t) => {
  const asked = Promise.withResolvers<void>();
  const never = new Promise<ActionReport>(() => undefined);
  const { server, admin } = await running(t, {
    end() {
      asked.resolve();
      return never;
    },
  });
  const run = hotlane(['reload', ...admin]);
  await asked.promise;
  await server.close();
  t.match(await run, {
    exitCode: EXIT.failed,
    stdout: '',
    stderr: /did not answer to the end: the connection was ended\.\nIt may have done what it was asked/,
  });
});

test('the address comes from flags, environment and file as every setting does', async (t) => {
  const { port } = await running(t, { plugins: [plugin('greet')] });
  const cwd = ownFolder(t, {});
  const file = join(cwd, 'hotlane.config.json');
  writeFileSync(file, JSON.stringify({ adminPort: port, adminHost: '0.0.0.0' }));
  const env = { HOTLANE_ADMIN_PORT: String(port), HOTLANE_ADMIN_HOST: 'localhost' };
  const runs = await Promise.all([
    hotlane(['plugins', '--admin-port', String(port)]),
    hotlane(['plugins'], { env }),
    hotlane(['plugins'], { cwd }),
    hotlane(['plugins', '--config', file]),
  ]);
  for (const { exitCode, stdout, stderr } of runs) {
    t.equal(exitCode, 0, stderr);
    t.match(stdout, /^greet /m);
  }
});

test('an address that is none, or that nobody can know, is exit code 2', async (t) => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['--admin', '127.0.0.1:9090'],
      /flag --admin: expected an address such as http:\/\/127\.0\.0\.1:9090, got "127/,
    ],
    [['--admin', 'https://127.0.0.1:9090'], /expected an address/],
    [['--admin', 'http://127.0.0.1:9090/plugins'], /expected an address/],
    [['--admin', 'http://a:b@127.0.0.1:9090'], /expected an address/],
    [['--admin-port', '0'], /adminPort is 0, any free port; name the address/],
    [['--admin-port', 'high'], /The configuration has one problem:\n {2}flag --admin-port/],
    [['--admin-host', 'not a host'], /adminHost is no address: "not a host"/],
    [
      ['--admin', 'http://127.0.0.1:9090', '--admin-port', '9091'],
      /cannot be used with option '--admin-port/,
    ],
  ];
  const runs = await Promise.all(wrong.map(([flags]) => hotlane(['plugins', ...flags])));
  for (const [index, { exitCode, stdout, stderr }] of runs.entries()) {
    t.equal(exitCode, EXIT.usage, stderr);
    t.equal(stdout, '');
    t.match(stderr, wrong[index]?.[1]);
  }
  const commands = ['versions', 'rollback', 'unload'];
  const nameless = await Promise.all(commands.map((command) => hotlane([command])));
  for (const run of nameless) {
    t.match(run, { exitCode: EXIT.usage, stdout: '', stderr: /missing required argument 'plugin'/ });
  }
});
