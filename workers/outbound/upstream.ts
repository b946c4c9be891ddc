/** One host that plugins of this thread call: its connections, its circuit, and what is under way. */
import { Pool } from 'undici';
import { Circuit, REFUSED, type Ticket } from '../../src/circuit/circuit.ts';
import type { OutboundSettings } from '../../src/wire/outbound.ts';
import type { WorkerLog } from '../worker-log.ts';
import { hostOf } from './allowed-hosts.ts';
import type { Ledger, Result, Standing } from './ledger.ts';
import { HostRefused } from './outbound-error.ts';

/** What the end of a request says about the host. */
export type Verdict = 'good' | 'bad' | 'nothing';

export class Upstream {
  readonly host: string;
  readonly pool: Pool;
  private readonly circuit: Circuit | undefined;
  private readonly ledger: Ledger;
  private underWay = 0;

  constructor(
    origin: URL,
    { connectionsPerHost, idleMs, circuit }: OutboundSettings,
    ledger: Ledger,
    log: WorkerLog,
  ) {
    this.host = hostOf(origin);
    this.ledger = ledger;
    this.pool = new Pool(origin, {
      connections: connectionsPerHost,
      keepAliveTimeout: idleMs,
      // A host that promises to wait longer is not believed.
      keepAliveMaxTimeout: idleMs,
      // The call's own end is the limit.
      headersTimeout: 0,
      bodyTimeout: 0,
      // The built-in fetch speaks HTTP/1.1 with dispatchers other than its own.
      allowH2: false,
    });
    const changed = (): void => void ledger.touch(this.host);
    this.pool.on('connect', changed).on('disconnect', changed).on('connectionError', changed);
    this.circuit =
      circuit &&
      new Circuit(circuit, (state, { calls, failures }) => {
        ledger.touch(this.host);
        const fields = { host: this.host, calls, failures };
        if (state === 'open') log.warn('calls to a host fail: its circuit is open', fields);
        else log.info(`the circuit of a host is ${state}`, fields);
      });
  }

  get isIdle(): boolean {
    return this.underWay === 0;
  }

  get standing(): Standing {
    return {
      connections: this.pool.stats.connected,
      pending: this.underWay,
      circuit: this.circuit?.state ?? 'closed',
    };
  }

  /** To be handed to `settle` when the request has ended. Throws HostRefused while the circuit is open. */
  enter(): Ticket | undefined {
    const { circuit } = this;
    const ticket = circuit?.enter();
    if (circuit !== undefined && ticket === REFUSED) {
      this.ledger.count(this.host, 'refused');
      throw HostRefused.circuitOpen(this.host, circuit.retryInMs);
    }
    this.underWay++;
    this.ledger.touch(this.host);
    return ticket;
  }

  /** `ticket`: what `enter` gave; undefined: there is no circuit. */
  settle(ticket: Ticket | undefined, result: Result, verdict: Verdict): void {
    this.underWay--;
    this.ledger.count(this.host, result);
    if (this.circuit === undefined || ticket === undefined) return;
    switch (verdict) {
      case 'good':
        this.circuit.succeeded(ticket);
        return;
      case 'bad':
        this.circuit.failed(ticket);
        return;
      case 'nothing':
        this.circuit.ignored(ticket);
        return;
      default:
        verdict satisfies never;
    }
  }

  /** Closes its connections; resolves when they are closed. */
  async close(): Promise<void> {
    this.circuit?.close();
    await this.pool.destroy();
  }
}
