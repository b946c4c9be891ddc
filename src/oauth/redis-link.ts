/**
 * A connection to a Redis server that comes back by itself. A command is sent only while there is a connection, and has its
 * time limit: the library's own ends once a command is sent, so a server that hangs would be waited for without end. After
 * such a silence the connection is given up for a new one.
 */
import { once } from 'node:events';
import { ClientOfflineError, createClient } from '@redis/client';
import { redisFailure } from './redis-failure.ts';
import { SettingProblem } from './setting-problem.ts';
import { Unavailable } from './unavailable.ts';

type Client = ReturnType<typeof newClient>;

interface Connection {
  readonly client: Client;
  /** Resolves when the first attempt to connect has come to an end, good or bad. Later ones are not waited for. */
  readonly tried: Promise<unknown>;
  /** Of the attempt to connect; undefined while there is none. */
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
      return await Promise.race([connection.tried.then(() => command(connection.client)), silence]);
    } catch (error) {
      throw redisFailure(error instanceof ClientOfflineError ? connection.lastError : error);
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
    connection.client.destroy();
  }
}

function connect(url: string, connectTimeout: number): Connection {
  const client = newClient(url, connectTimeout);
  const tried = once(client, 'ready').catch(() => undefined);
  const connection: Connection = { client, tried, lastError: undefined };
  // Without a listener an error would end the process.
  client.on('error', (error: unknown) => {
    connection.lastError = error;
  });
  client.connect().catch(() => undefined);
  return connection;
}

function newClient(url: string, connectTimeout: number) {
  return createClient({
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
}

function isRedisUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '';
}
