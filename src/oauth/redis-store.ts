/**
 * The store in a Redis server, for processes on several machines. What needs more than one command is a script, which Redis runs
 * as one step. Keys, below the prefix:
 *
 *   grant:<region>/<user>   sealed grant
 *   lease:<region>/<user>   its holder; expires
 *   pending:<id>            sealed authorization; expires
 *   pending                 sorted set of those ids by expiry, which bounds their number
 *
 * The server must not evict keys (`maxmemory-policy noeviction`), and should write an append-only file: a pair that is lost has
 * killed the one before it, and the user has to consent again.
 */
import { RedisLink } from './redis-link.ts';
import { MOST_PENDING, type Subject, type TokenStore } from './store.ts';

export interface RedisStoreOptions {
  readonly prefix?: string;
  /** Time limit of one command in ms. */
  readonly commandMs?: number;
  readonly mostPending?: number;
}

const REPLACE = `
  local held = redis.call('GET', KEYS[1])
  if held == ARGV[2] then return 1 end
  if held ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[1], ARGV[2])
  return 1`;

const ACQUIRE = `
  if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
  if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
  return 0`;

const RELEASE = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
  return 1`;

const WRITE_PENDING = `
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  redis.call('SET', KEYS[2] .. ':' .. ARGV[1], ARGV[2], 'PX', ARGV[3])
  redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  local over = redis.call('ZCARD', KEYS[2]) - ARGV[4]
  if over > 0 then
    for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, over - 1)) do
      redis.call('DEL', KEYS[2] .. ':' .. id)
      redis.call('ZREM', KEYS[2], id)
    end
  end
  return 1`;

const TAKE_PENDING = `
  local sealed = redis.call('GET', KEYS[1])
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[1])
  return sealed`;

export class RedisStore implements TokenStore {
  private readonly link: RedisLink;
  private readonly prefix: string;
  private readonly mostPending: number;

  /** @throws SettingProblem */
  constructor(
    url: string,
    { prefix = 'hotlane:oauth:', commandMs = 2000, mostPending = MOST_PENDING }: RedisStoreOptions = {},
  ) {
    this.link = new RedisLink(url, commandMs);
    this.prefix = prefix;
    this.mostPending = mostPending;
  }

  async readGrant(subject: Subject): Promise<string | undefined> {
    return (await this.link.run((client) => client.get(this.grantKey(subject)))) ?? undefined;
  }

  async writeGrant(subject: Subject, sealed: string): Promise<void> {
    await this.link.run((client) => client.set(this.grantKey(subject), sealed));
  }

  async replaceGrant(subject: Subject, expected: string, sealed: string): Promise<boolean> {
    return (await this.script(REPLACE, [this.grantKey(subject)], [expected, sealed])) === 1;
  }

  async deleteGrant(subject: Subject): Promise<boolean> {
    return (await this.link.run((client) => client.del(this.grantKey(subject)))) === 1;
  }

  async acquireLease(subject: Subject, holder: string, ms: number): Promise<boolean> {
    return (await this.script(ACQUIRE, [this.leaseKey(subject)], [holder, String(ms)])) === 1;
  }

  async releaseLease(subject: Subject, holder: string): Promise<void> {
    await this.script(RELEASE, [this.leaseKey(subject)], [holder]);
  }

  async writePending(id: string, sealed: string, ms: number): Promise<void> {
    // Two keys of one script, the second made in it: this store is for one server, not for a cluster.
    const keys = [`${this.prefix}pending:${id}`, `${this.prefix}pending`];
    await this.script(WRITE_PENDING, keys, [id, sealed, String(ms), String(this.mostPending)]);
  }

  async takePending(id: string): Promise<string | undefined> {
    const sealed = await this.script(
      TAKE_PENDING,
      [`${this.prefix}pending:${id}`, `${this.prefix}pending`],
      [id],
    );
    return typeof sealed === 'string' ? sealed : undefined;
  }

  async check(): Promise<void> {
    await this.link.run((client) => client.set(`${this.prefix}check`, '', { PX: 1000 }));
  }

  async close(): Promise<void> {
    this.link.close();
  }

  private script(text: string, keys: readonly string[], values: readonly string[]): Promise<unknown> {
    return this.link.run((client) => client.eval(text, { keys: [...keys], arguments: [...values] }));
  }

  private grantKey(subject: Subject): string {
    return `${this.prefix}grant:${subject}`;
  }

  private leaseKey(subject: Subject): string {
    return `${this.prefix}lease:${subject}`;
  }
}
