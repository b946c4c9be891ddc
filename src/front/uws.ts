/**
 * The one import of uWebSockets.js.
 *
 * The package brings a binary per system and Node version. The Linux ones need glibc 2.38, though only for
 * three functions that have older equals; where that alone keeps the binary from loading, an adapted copy in
 * the cache folder is loaded instead. Nothing in node_modules is changed.
 */
import type { AppOptions, ListenOptions, TemplatedApp, us_listen_socket } from 'uWebSockets.js';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { adaptGlibc } from './adapt-glibc.ts';
import { privateCopy } from './private-copy.ts';

export type { HttpRequest, HttpResponse, us_listen_socket } from 'uWebSockets.js';

/** An app; its `listen` also takes host and options together, which the package's types leave out. */
export interface HttpApp extends TemplatedApp {
  listen: TemplatedApp['listen'] &
    ((
      host: string,
      port: number,
      options: ListenOptions,
      done: (socket: us_listen_socket | false) => void,
    ) => TemplatedApp);
}

/** The part of uWebSockets.js in use here. */
export interface Uws
  extends Pick<typeof import('uWebSockets.js'), 'us_listen_socket_close' | 'us_socket_local_port'> {
  App(options?: AppOptions): HttpApp;
  SSLApp(options: AppOptions): HttpApp;
  /** Option of `listen`: fail when the port is taken. Without it several processes can share one port. */
  LIBUS_LISTEN_EXCLUSIVE_PORT: ListenOptions;
}

const remedy =
  'Run on a system with glibc 2.38 or newer (Debian 13, Ubuntu 24.04), or put the release of uWebSockets.js ' +
  'built for this system into package.json ("uWebSockets.js": "github:uNetworking/uWebSockets.js#v20.x")';

/** SHA-256 of the binaries that may be adapted: uWebSockets.js 20.57.0 for Node 24 (ABI 137). */
const pinned = new Map([
  ['uws_linux_x64_137', '98128405dba2fb608448e921a979530f70c946a2cc9889c15f2fa70c2d00ab05'],
  ['uws_linux_arm64_137', '88618b30ddf6b2b62310db89f40a701616676352aac5e0f6184dd8ef876199ce'],
]);

/** uWebSockets.js. Importing this file throws, with what to install, where it cannot be loaded. */
export const uWS: Uws = load();

function load(): Uws {
  // Longest header block of a request, in bytes (default 4096). The library reads it once, when it is loaded,
  // from the process's environment: a worker thread's own process.env does not count, so main loads first.
  process.env.UWS_HTTP_MAX_HEADERS_SIZE ??= '16384';
  const require = createRequire(import.meta.url);
  let loaded: unknown;
  try {
    loaded = require('uWebSockets.js');
  } catch (error) {
    loaded = loadAdapted(require, error);
  }
  if (!isUws(loaded)) throw new Error(`uWebSockets.js lacks functions that hotlane uses. ${remedy}.`);
  return loaded;
}

function loadAdapted(require: NodeJS.Require, plainFailure: unknown): unknown {
  const name = `uws_${process.platform}_${process.arch}_${process.versions.modules}`;
  const expected = pinned.get(name);
  try {
    if (!String(plainFailure).includes('GLIBC_2.38')) throw plainFailure;
    const original = readFileSync(join(dirname(require.resolve('uWebSockets.js')), `${name}.node`));
    if (createHash('sha256').update(original).digest('hex') !== expected) {
      throw new Error(`${name}.node is not the pinned binary`);
    }
    const module = { exports: {} };
    process.dlopen(module, privateCopy(adaptGlibc(original), name, '.node'));
    return module.exports;
  } catch (cause) {
    throw new Error(`uWebSockets.js does not load: ${String(cause)}. ${remedy}.`, { cause });
  }
}

function isUws(value: unknown): value is Uws {
  if (typeof value !== 'object' || value === null || !('LIBUS_LISTEN_EXCLUSIVE_PORT' in value)) return false;
  const functions: (keyof Uws)[] = ['App', 'SSLApp', 'us_listen_socket_close', 'us_socket_local_port'];
  return functions.every((key) => typeof Reflect.get(value, key) === 'function');
}
