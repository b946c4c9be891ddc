/**
 * A connection to a Redis server that comes back by itself. A command is sent only while there is a connection, and has its
 * time limit: the library's own ends once a command is sent, so a server that hangs would be waited for without end. After
 * such a silence the connection is given up for a new one.
 */
import { once } from 'node:events';
import { redisFailure } from './redis-failure.ts';
import { SettingProblem } from './setting-problem.ts';
import { Unavailable } from './unavailable.ts';

type Client = Awaited<ReturnType<typeof newClient>>;

interface Connection {
  /** When the first attempt to connect has come to an end, good or bad. Later ones are not waited for. */
  readonly tried: Promise<Client>;
  /** Aborted: it is not to be any more. */
  readonly end: AbortController;
  /** Of the last attempt to connect. */
  lastError: unknown;
}

const LONGEST_PAUSE_MS = 2000;
/** A connection on which nothing moves for so long is dead: there is a ping every so often. */
const DEAD_MS = 10_000;
const PING_MS = 4000;

export class RedisLink {
  /** Private to the engine, not to the checker alone: inspecting a client would show the password in its options. */
  readonly #url: string;
  readonly #commandMs: number;
  #connection: Connection | undefined;
  #closed = false;

  /** @throws SettingProblem */
  constructor(url: string, commandMs: number) {
    if (!isRedisUrl(url))
      throw new SettingProblem(
        'redisUrl',
        'redisUrl must be a URL such as redis://host:6379 or rediss://host:6380',
      );
    this.#url = url;
    this.#commandMs = commandMs;
  }

  /** Rejects with `Unavailable`; whether the server has done it is then unknown. */
  async run<Reply>(command: (client: Client) => Promise<Reply>): Promise<Reply> {
    if (this.#closed) throw new Unavailable('CLOSED');
    const connection = (this.#connection ??= connect(this.#url, this.#commandMs));
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Unavailable('STORE_DOWN', `no reply within ${this.#commandMs} ms`));
        this.#giveUp(connection);
      }, this.#commandMs);
    });
    try {
      return await Promise.race([connection.tried.then(command), silence]);
    } catch (error) {
      // Why there is no connection says more than that there is none.
      const isOffline = error instanceof Error && error.constructor.name === 'ClientOfflineError';
      throw redisFailure(isOffline ? connection.lastError : error);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#closed = true;
    if (this.#connection !== undefined) this.#giveUp(this.#connection);
  }

  #giveUp(connection: Connection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    connection.end.abort();
  }
}

function connect(url: string, connectTimeout: number): Connection {
  const end = new AbortController();
  const onError = (error: unknown): void => {
    connection.lastError = error;
  };
  const tried = newClient({ url, connectTimeout, onError, end: end.signal });
  const connection: Connection = { tried, end, lastError: undefined };
  return connection;
}

interface ClientOptions {
  readonly url: string;
  /** In ms. */
  readonly connectTimeout: number;
  /** Gets why a connection could not be made, or was lost. */
  readonly onError: (error: unknown) => void;
  readonly end: AbortSignal;
}

async function newClient({ url, connectTimeout, onError, end }: ClientOptions) {
  // 130 ms and 27 MB that only users of Redis pay.
  const { createClient } = await import('@redis/client');
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    pingInterval: PING_MS,
    socket: {
      connectTimeout,
      socketTimeout: DEAD_MS,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** Math.min(retries, 10), LONGEST_PAUSE_MS),
    },
  });
  // Without a listener an error would end the process.
  client.on('error', onError);
  client.connect().catch(() => undefined);
  if (end.aborted) client.destroy();
  else end.addEventListener('abort', () => client.destroy(), { once: true });
  await once(client, 'ready', { signal: end }).catch(() => undefined);
  return client;
}

function isRedisUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '';
}
