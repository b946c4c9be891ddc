/**
 * Notices when this thread has not turned its event loop for a while, and says which tool kept it.
 *
 * The first, synchronous part of a call is timed by the serve loop anyway. What goes on after an await is not: a timer
 * that fires late tells that something ran, and the calls in flight are the suspects.
 */
import type { SeatIndex, ToolId } from '../src/core/brand.ts';
import type { Clock } from '../src/core/clock.ts';
import type { Pauses } from '../src/shm/pauses.ts';
import type { BoundTool } from './bind-tools.ts';
import type { Call } from './call.ts';
import type { WorkerLog } from './worker-log.ts';

/** Lines a minute about one tool. */
const LINES_PER_MINUTE = 3;
const MINUTE = 60_000;
/** The key under which stalls are counted that no tool is known for. */
const NOBODY = -1;

export interface StallWatchOptions {
  /** Shorter ones are none, in ms. */
  readonly stallMs: number;
  readonly seat: SeatIndex;
  readonly clock: Clock;
  readonly pauses: Pick<Pauses, 'record'>;
  readonly log: WorkerLog;
  /** By ToolId. */
  readonly tools: readonly (BoundTool | undefined)[];
  /** Calls in flight. */
  readonly started: () => readonly Call[];
}

/** A turn that came late, and who was under way then. */
interface Suspicion {
  readonly begin: number;
  readonly late: number;
  readonly started: readonly Call[];
}

export class StallWatch {
  readonly stallMs: number;
  private readonly options: StallWatchOptions;
  /** When the timer fired last, and what the thread is known to have done since, in ms. */
  private lastTurn: number;
  private accountedFor = 0;
  private suspicion: Suspicion | undefined;
  private minute = 0;
  private readonly lines = new Map<number, number>();

  constructor(options: StallWatchOptions) {
    this.options = options;
    this.stallMs = options.stallMs;
    this.lastTurn = options.clock.now();
  }

  /** The synchronous part of a call took longer than `stallMs`. */
  ran(tool: ToolId, begin: number, duration: number): void {
    this.accountedFor += duration;
    this.options.pauses.record(this.options.seat, { kind: 'stall', begin, duration, tool });
    const bound = this.options.tools[tool];
    this.tell(tool, 'a call kept its worker from all others', {
      plugin: bound?.plugin,
      tool: bound?.name,
      ms: Math.round(duration),
    });
  }

  /** Calls have kept the thread from its event loop, one after the other; none for long, unless `ran` said so. */
  spent(duration: number): void {
    this.accountedFor += duration;
  }

  /** A garbage collection, or the host itself, has kept the thread; heard of some time after it. */
  excused(duration: number): void {
    this.accountedFor += duration;
  }

  /** A timer that should fire every `interval` ms has fired. */
  turned(interval: number): void {
    const now = this.options.clock.now();
    const late = now - this.lastTurn - interval;
    const { suspicion, accountedFor } = this;
    this.suspicion = undefined;
    this.accountedFor = 0;
    // Only now: a garbage collection is told after the turn that it made late.
    if (suspicion !== undefined) this.judge({ ...suspicion, late: suspicion.late - accountedFor });
    const unexplained = suspicion === undefined ? late - accountedFor : late;
    if (unexplained > this.stallMs) {
      this.suspicion = { begin: this.lastTurn, late: unexplained, started: this.options.started() };
    }
    this.lastTurn = now;
  }

  private judge({ begin, late, started }: Suspicion): void {
    if (late <= this.stallMs) return;
    const suspects = [...new Set(started.map(({ tool }) => tool))];
    const [only, another] = suspects;
    const at = only === undefined || another !== undefined ? -1 : this.options.tools.indexOf(only);
    const tool = at === -1 ? undefined : (at as ToolId);
    this.options.pauses.record(this.options.seat, { kind: 'stall', begin, duration: late, tool });
    this.tell(tool ?? NOBODY, 'a worker did not turn its event loop while this was under way', {
      ...about(suspects, started),
      ms: Math.round(late),
    });
  }

  /** A flood of stalls is not to become a flood of lines. */
  private tell(key: number, message: string, fields: Readonly<Record<string, unknown>>): void {
    const minute = Math.floor(this.options.clock.now() / MINUTE);
    if (minute !== this.minute) this.lines.clear();
    this.minute = minute;
    const line = (this.lines.get(key) ?? 0) + 1;
    this.lines.set(key, line);
    if (line > LINES_PER_MINUTE) return;
    const more = line === LINES_PER_MINUTE ? { further: 'not told for the rest of this minute' } : {};
    this.options.log.warn(message, { ...fields, ...more });
  }
}

/** Who may have done it: nobody else had work. */
function about(suspects: readonly BoundTool[], started: readonly Call[]): Readonly<Record<string, unknown>> {
  const [only, another] = suspects;
  if (only === undefined) return { suspects: 'no call was under way: a timer or a socket of a plugin' };
  if (another !== undefined) {
    return { suspects: suspects.map(({ plugin, name }) => `${plugin}/${name}`).join(', ') };
  }
  const [call, other] = started;
  return {
    plugin: only.plugin,
    tool: only.name,
    ...(other === undefined && { requestId: call?.requestId }),
  };
}
