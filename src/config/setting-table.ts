/**
 * Every setting, once. Flag and environment variable follow from the name: `adminPort` is `--admin-port`
 * and `HOTLANE_ADMIN_PORT`; the type of the resolved settings follows from the rows.
 */
import { join } from 'node:path';
import { LOG_LEVELS } from '../core/log.ts';
import {
  choice,
  file,
  folder,
  integer,
  type Kind,
  newFolder,
  secret,
  text,
  toggle,
} from './setting-kinds.ts';

/** What a default may depend on. */
export interface Circumstances {
  readonly debug: boolean;
  /** How many threads the machine runs at once. */
  readonly parallelism: number;
  /** What the process may use, in MiB: the machine's memory, or what its container is given. */
  readonly memoryMb: number;
  /** Where the command was started; absolute. */
  readonly cwd: string;
  /** Absolute path of the hotlane package. */
  readonly packageRoot: string;
}

interface Row<Value> {
  readonly kind: Kind<NonNullable<Value>>;
  /** One sentence for people. */
  readonly help: string;
  /** The default as people read it; undefined when there is none. */
  readonly defaultInWords: string | undefined;
  defaultValue(circumstances: Circumstances): Value;
}

/** A setting with a fixed default. */
function fixed<Value extends string | number | boolean>(
  kind: Kind<Value>,
  value: NoInfer<Value>,
  help: string,
): Row<Value> {
  return { kind, help, defaultInWords: String(value), defaultValue: () => value };
}

/** A setting whose default depends on circumstances, and is first said in words. */
function derived<Value extends string | number | boolean>(
  kind: Kind<Value>,
  defaultInWords: string,
  defaultValue: (circumstances: Circumstances) => Value,
  help: string,
): Row<Value> {
  return { kind, help, defaultInWords, defaultValue };
}

/** A setting that may stay absent. */
function optional<Value extends string | number>(kind: Kind<Value>, help: string): Row<Value | undefined> {
  return { kind, help, defaultInWords: undefined, defaultValue: () => undefined };
}

const port = integer(0, 65_535);

/** The name of a plugin: that of its folder. */
export const pluginName = text(
  'name',
  /^[a-z][a-z0-9-]{0,62}$/,
  'the name of a plugin (lower-case letters, digits and hyphens, a letter first)',
);

/** Milliseconds. No workflow node of Coze waits longer than 180 s. */
export const deadlineMs = integer(1, 180_000);

const HOST_PATTERN = String.raw`(?:\*\.)?[A-Za-z0-9.-]+(?::\d+)?`;
/** A host name, with a port if need be; `*.example.com` is every host below it. */
export const HOST = new RegExp(`^${HOST_PATTERN}$`);

const table = {
  // First, because other defaults depend on it.
  debug: fixed(toggle(), false, 'Longer deadlines and more log lines, for work on plugins.'),
  host: fixed(
    text('host'),
    '127.0.0.1',
    'Address of the plugins; 0.0.0.0 is every IPv4 address of the machine.',
  ),
  port: fixed(port, 8080, 'Port of the plugins; 0 takes any free one.'),
  adminHost: fixed(text('host'), '127.0.0.1', 'Address of the admin server; keep it private.'),
  adminPort: fixed(port, 9090, 'Port of the admin server (health, metrics, control); 0 takes any free one.'),
  tlsKey: optional(file(), 'Private key in PEM form; needs tlsCert as well.'),
  tlsCert: optional(file(), 'Certificate chain in PEM form; needs tlsKey as well.'),
  tlsPassphrase: optional(secret(), 'Passphrase of the private key.'),
  publicUrl: optional(
    text(
      'url',
      /^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*[^\s?#/])?$/,
      'a URL such as https://plugins.example.com, without a slash at its end',
    ),
    'Where Coze reaches this server; stands in exported OpenAPI documents and OAuth redirects.',
  ),
  plugins: derived(
    folder(),
    "the package's own",
    ({ packageRoot }) => join(packageRoot, 'plugins'),
    'Folder that holds one folder per plugin.',
  ),
  hotReload: fixed(
    toggle(),
    true,
    'Put changed plugin files to work; without it the folder is loaded once, as it is.',
  ),
  stateDir: derived(
    newFolder(),
    '.hotlane in the current folder',
    ({ cwd }) => join(cwd, '.hotlane'),
    'Folder for kept versions and the audit journal; made if need be, one for each server.',
  ),
  probeTimeoutMs: fixed(
    integer(100, 600_000),
    10_000,
    'Milliseconds that each step in checking a new version may take: import, init, one example.',
  ),
  reloadBreatherMs: fixed(
    integer(0, 60_000),
    500,
    'Milliseconds after a reload before saved files cause the next; what is saved meanwhile goes live together.',
  ),
  defaultPlugin: optional(pluginName, 'Plugin that answers calls which name none.'),
  workers: derived(
    integer(1, 64),
    'one per CPU',
    ({ parallelism }) => Math.min(parallelism, 64),
    'Worker threads that run plugins.',
  ),
  concurrency: fixed(integer(1, 4096), 32, 'Calls one worker runs at the same time.'),
  queueLimit: fixed(
    integer(1, 16_384),
    1024,
    'Calls that may wait for a worker; more are answered with 503.',
  ),
  timeoutMs: derived(
    deadlineMs,
    '10000; with debug 30000',
    ({ debug }) => (debug ? 30_000 : 10_000),
    'Deadline of one call in milliseconds.',
  ),
  stuckGraceMs: fixed(
    integer(1, 60_000),
    250,
    'Milliseconds a worker may stay unresponsive after a missed deadline before it is terminated.',
  ),
  startBudgetMs: optional(
    integer(0, 180_000),
    'Milliseconds in which an accepted call has to start and end as a rule; 0 refuses by queue length only; else a tenth of its deadline.',
  ),
  fairShare: fixed(
    toggle(),
    true,
    'Keep room for plugins that use less than their share while another one floods or hangs.',
  ),
  breaker: fixed(toggle(), true, 'Refuse calls of a tool for a while when most of them fail.'),
  breakerFailurePercent: fixed(
    integer(1, 99),
    50,
    'Share of failed calls above which the circuit of a tool opens.',
  ),
  breakerWindowMs: fixed(integer(100, 600_000), 10_000, 'Milliseconds back that calls count for a circuit.'),
  breakerMinCalls: fixed(integer(1, 1_000_000), 20, 'Calls in that time below which no circuit opens.'),
  breakerPauseMs: fixed(
    integer(100, 600_000),
    10_000,
    'Milliseconds that an open circuit refuses calls before it lets one through.',
  ),
  drainMs: fixed(integer(0, 600_000), 10_000, 'Milliseconds that running calls get to finish at shutdown.'),
  workerHeapMb: fixed(
    integer(32, 16_384),
    512,
    'JavaScript heap of one worker in MiB; past it the worker is replaced as in a reload, 128 MiB further at once.',
  ),
  workerYoungMb: fixed(
    integer(1, 1024),
    6,
    'Largest young generation of one worker in MiB: more collects less often, less takes less memory.',
  ),
  workerMemoryMb: fixed(
    integer(64, 65_536),
    1024,
    'Heap and Buffers of one worker in MiB; past it the worker is replaced as in a reload, at twice that at once.',
  ),
  processMemoryMb: derived(
    integer(128, 1_048_576),
    'three quarters of the memory there is',
    ({ memoryMb }) => Math.max(512, Math.floor(memoryMb * 0.75)),
    'Resident memory of the process in MiB; past it the worker that holds most is replaced as in a reload.',
  ),
  stallMs: fixed(
    integer(1, 60_000),
    100,
    'Milliseconds without a turn of its event loop after which a worker is reported as stalled.',
  ),
  zombieLimit: derived(
    integer(1, 128),
    'as many as workers',
    ({ parallelism }) => Math.min(parallelism, 64),
    'Threads stuck in native code that may be left behind; with more the server is no longer ready.',
  ),
  phases: fixed(toggle(), true, 'Measure how long each call spends in which phase.'),
  serverTiming: derived(
    toggle(),
    'false; with debug true',
    ({ debug }) => debug,
    'Put the phases of a call into a Server-Timing header; a call can ask for it with X-Server-Timing: 1.',
  ),
  outboundConnections: fixed(
    integer(1, 10_000),
    200,
    'Connections that ctx.fetch keeps to one host, over all workers.',
  ),
  outboundIdleMs: fixed(
    integer(100, 600_000),
    30_000,
    'Milliseconds that ctx.fetch keeps an unused connection open.',
  ),
  outboundHosts: optional(
    text(
      'hosts',
      new RegExp(`^(${HOST_PATTERN})(,(${HOST_PATTERN}))*$`),
      'host names separated by commas, each with a port if need be; *.example.com is every host below it',
    ),
    'Hosts that ctx.fetch may call; else any. A plugin’s own list takes its place.',
  ),
  outboundIdentity: fixed(
    toggle(),
    true,
    'Pass user, bot and conversation on to the hosts that ctx.fetch calls; request id and trace always go along.',
  ),
  errorStatus: optional(
    choice(['coze', 'http']),
    'coze: failed calls are answered with 200, so that the model reads the message; http: with their own status. Else coze at /p and http at /execute.',
  ),
  serviceToken: optional(
    secret(),
    'Tokens, separated by commas, of which every call must bring one; for plugins without auth of their own.',
  ),
  serviceTokenName: fixed(
    text('name', /^[A-Za-z0-9_-]{1,64}$/, 'the name of a header or query parameter'),
    'X-Service-Token',
    'Header, or query parameter, that carries the service token.',
  ),
  allowUnauthenticated: fixed(
    toggle(),
    false,
    'Let plugins without authentication be called from other machines.',
  ),
  callbackToken: optional(
    secret(),
    'Signs the events Coze sends to /coze/callback; without it none are taken.',
  ),
  callbackPlugin: optional(pluginName, 'Plugin that gets those events; else the only one that has onEvent.'),
  cozeRegion: fixed(
    choice(['com', 'cn']),
    'com',
    'Where users authorise and ctx.coze calls: coze.com or coze.cn.',
  ),
  cozeClientId: optional(text('id'), 'Client id of the OAuth app; without it there is no /oauth/coze.'),
  cozeClientSecret: optional(secret(), 'Client secret of the OAuth app; without it PKCE is used.'),
  cozeTokenKeys: optional(
    secret(),
    'Keys that encrypt stored tokens, <id>:<32 bytes in base64>, separated by commas; the first one encrypts.',
  ),
  cozeWebUrl: optional(
    text('url', /^https?:\/\/[^\s?#]+$/, 'a URL'),
    'Where users authorise, instead of the region’s own site.',
  ),
  cozeApiUrl: optional(
    text('url', /^https?:\/\/[^\s?#]+$/, 'a URL'),
    'Coze’s API, instead of the region’s own.',
  ),
  redisUrl: optional(
    secret(),
    'Redis server that keeps tokens, as redis://host:6379; else an SQLite file in stateDir.',
  ),
  logLevel: derived(
    choice(LOG_LEVELS),
    'info; with debug debug',
    ({ debug }) => (debug ? 'debug' : 'info'),
    'Least important level that is logged.',
  ),
  logSample: fixed(integer(0, 1_000_000_000), 1000, 'One request in n is logged; 0 logs none.'),
};

export type SettingName = keyof typeof table;

/** The resolved value of each row. */
export type SettingValues = {
  readonly [Name in SettingName]: (typeof table)[Name] extends Row<infer Value> ? Value : never;
};

export const SETTINGS: { readonly [Name in SettingName]: Row<SettingValues[Name]> } = table;

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** Names in the order of the table. */
export const SETTING_NAMES: readonly SettingName[] = Object.keys(SETTINGS).filter(isSettingName);

/** `adminPort` → `--admin-port` */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `debug` → `--no-debug`, which turns a switch off. */
export function negatedFlagOf(name: string): string {
  return flagOf(name).replace('--', '--no-');
}

/** `adminPort` → `HOTLANE_ADMIN_PORT` */
export function variableOf(name: string): string {
  return `HOTLANE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
