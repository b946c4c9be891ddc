/**
 * What one fetch sends its requests through: the first one, and one for each redirect. Loaded with the first
 * `ctx.fetch` of a thread, because undici takes long to load.
 */
import { Dispatcher, Dispatcher1Wrapper } from 'undici';
import type { OutboundSettings } from '../../src/wire/outbound.ts';
import type { WorkerLog } from '../worker-log.ts';
import { type HostCheck, hostOf } from './allowed-hosts.ts';
import type { Attempt } from './attempt.ts';
import { IDENTITY_HEADERS } from './caller-headers.ts';
import { Exchange } from './exchange.ts';
import type { OutboundReport } from './outbound.ts';
import { HostRefused } from './outbound-error.ts';
import { Upstreams } from './upstreams.ts';

/** Whom a fetch is made for. */
export interface Sender {
  readonly plugin: string;
  readonly mayCall: HostCheck;
}

export class Network {
  private readonly upstreams: Upstreams;

  constructor(settings: OutboundSettings, report: OutboundReport, log: WorkerLog) {
    this.upstreams = new Upstreams(settings, report, log);
  }

  /** A dispatcher for the built-in fetch, whose undici is one major version older. */
  dispatcherFor(sender: Sender, attempt: Attempt): object {
    return new Dispatcher1Wrapper(new Hops(this.upstreams, sender, attempt));
  }

  close(): Promise<void> {
    return this.upstreams.close();
  }
}

/** Every request of one fetch. What it throws, fetch rejects with as the cause of its own error. */
class Hops extends Dispatcher {
  private readonly upstreams: Upstreams;
  private readonly sender: Sender;
  private readonly attempt: Attempt;
  private firstOrigin: string | undefined;

  constructor(upstreams: Upstreams, sender: Sender, attempt: Attempt) {
    super();
    this.upstreams = upstreams;
    this.sender = sender;
    this.attempt = attempt;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const url = new URL(options.origin ?? '');
    this.firstOrigin ??= url.origin;
    if (!this.sender.mayCall(url)) {
      const host = hostOf(url);
      this.upstreams.ledger.count(host, 'refused');
      throw HostRefused.notAllowed(this.sender.plugin, host);
    }
    const upstream = this.upstreams.of(url);
    const exchange = new Exchange(handler, upstream, upstream.enter(), this.attempt.end);
    this.attempt.begin(exchange);
    const request =
      url.origin === this.firstOrigin ? options : { ...options, headers: withoutIdentity(options.headers) };
    return upstream.pool.dispatch(request, exchange);
  }
}

/** The built-in fetch gives headers as a plain object. It drops Authorization and Cookie itself. */
function withoutIdentity(headers: Dispatcher.DispatchOptions['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers ?? {}).filter(([name]) => !IDENTITY_HEADERS.has(name.toLowerCase())),
  );
}
