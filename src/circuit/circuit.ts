/**
 * A circuit breaker that is told outcomes. The only importer of opossum.
 *
 *   closed ──more than the share failed──► open ──pause over──► half-open ──probe failed──► open
 *     ▲                                                            │
 *     └──────────────────────── probe succeeded ───────────────────┘
 *
 * opossum would run the action itself and then call its end a success or a failure. Here an outcome can also be
 * neither (the caller's own mistake, a call given up), and it must neither dilute the share nor close a half-open
 * circuit. So the caller asks for a ticket, does its work, and hands the ticket back with the outcome.
 *
 * opossum keeps the states, the pause and the judgement of the probe. What happens while the circuit is closed is
 * counted here: opossum makes two promises a call and keeps every call's duration for the length of its window, which
 * at ten thousand calls a second is most of what a call costs, and megabytes.
 *
 * A ticket is worth something only in the state it was given in: what was started before the circuit opened says
 * nothing about whether the trouble is over.
 */
import CircuitBreaker from 'opossum';
import type { Brand } from '../core/brand.ts';
import { RollingCounts } from './rolling-counts.ts';

export interface CircuitRules {
  /** Share of failures above which the circuit opens, in per cent. */
  readonly failurePercent: number;
  /** How far back outcomes count, in ms. */
  readonly windowMs: number;
  /** Fewer outcomes than this in the window say nothing. */
  readonly minCalls: number;
  /** How long an open circuit refuses before it lets one try through, in ms. */
  readonly pauseMs: number;
}

export type CircuitState = 'closed' | 'open' | 'half-open';

/** What `enter` gives and the outcome is told with. */
export type Ticket = Brand<number, 'Ticket'>;

/** `enter`'s answer where nothing may be tried. */
export const REFUSED = -1 as Ticket;

/** Outcomes within the window. */
export interface CircuitCounts {
  readonly calls: number;
  readonly failures: number;
}

export class Circuit {
  private readonly breaker: CircuitBreaker<[boolean], void>;
  private readonly rules: CircuitRules;
  private readonly counted: RollingCounts;
  private readonly now: () => number;
  private current: CircuitState = 'closed';
  /** Grows with every change of state. */
  private epoch = 0;
  private isProbing = false;
  private openedAt = 0;

  /**
   * `onChange` hears of every change of state, with the counts that led to it. `now`: the clock in ms of whoever tells
   * outcomes.
   */
  constructor(
    rules: CircuitRules,
    onChange: (state: CircuitState, counts: CircuitCounts) => void,
    now: () => number = () => performance.now(),
  ) {
    this.rules = rules;
    this.now = now;
    this.counted = new RollingCounts(rules.windowMs);
    this.breaker = new CircuitBreaker(act, {
      timeout: false,
      resetTimeout: rules.pauseMs,
      rollingPercentilesEnabled: false,
      enableSnapshots: false,
    });
    const change = (state: CircuitState) => () => {
      const { counts } = this;
      this.begin(state);
      if (state === 'open') this.openedAt = this.now();
      onChange(state, counts);
    };
    this.breaker.on('open', change('open'));
    this.breaker.on('halfOpen', change('half-open'));
    this.breaker.on('close', change('closed'));
  }

  private begin(state: CircuitState): void {
    this.current = state;
    this.epoch++;
    this.isProbing = false;
    if (state === 'closed') this.counted.clear();
  }

  get state(): CircuitState {
    return this.current;
  }

  /** Whether `enter` would give a ticket now. */
  get mayEnter(): boolean {
    return this.current === 'closed' || (this.current === 'half-open' && !this.isProbing);
  }

  /** Asks to try something; REFUSED while the circuit is open, and while a half-open one is being tried. */
  enter(): Ticket {
    if (this.current === 'closed') return this.epoch as Ticket;
    if (!this.mayEnter) return REFUSED;
    this.isProbing = true;
    return this.epoch as Ticket;
  }

  /** `now`: what its clock says, where the caller has it at hand. */
  succeeded(ticket: Ticket, now = this.now()): void {
    if (ticket !== this.epoch) return;
    if (this.current === 'closed') this.counted.count(true, now);
    else void this.breaker.fire(true);
  }

  failed(ticket: Ticket, now = this.now()): void {
    if (ticket !== this.epoch) return;
    if (this.current !== 'closed') {
      this.breaker.fire(false).catch(ignore);
      return;
    }
    this.counted.count(false, now);
    const { calls, failures } = this.counted.at(now);
    if (calls >= this.rules.minCalls && failures * 100 > calls * this.rules.failurePercent) {
      this.breaker.open();
    }
  }

  /** It ended without saying anything about the other side: the next one may be the probe. */
  ignored(ticket: Ticket): void {
    if (ticket === this.epoch) this.isProbing = false;
  }

  /** Closed, and nothing remembered: what is behind it is new. */
  reset(): void {
    if (this.current === 'closed') this.begin('closed');
    else this.breaker.close();
  }

  get counts(): CircuitCounts {
    return this.counted.at(this.now());
  }

  /** How long until an open circuit lets a try through, in ms; 0 when it is not open. */
  get retryInMs(): number {
    if (this.current !== 'open') return 0;
    return Math.max(0, this.openedAt + this.rules.pauseMs - this.now());
  }

  /** Stops its timers; it refuses everything afterwards. */
  close(): void {
    this.begin('open');
    this.breaker.shutdown();
  }
}

const SUCCESS = Promise.resolve();
const FAILURE = Promise.reject(new Error('the call failed'));
FAILURE.catch(ignore);

/** What has already ended. */
function act(isSuccess: boolean): Promise<void> {
  return isSuccess ? SUCCESS : FAILURE;
}

function ignore(): void {}
