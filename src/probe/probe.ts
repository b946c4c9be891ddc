/**
 * Judges candidates: new versions of plugins, each in a throw-away thread, before anything that serves is touched.
 */
import type { PluginSource } from '../wire/catalogue.ts';
import type { Verdict } from '../wire/probe-messages.ts';
import { type ProbeLogLine, ProbeThread } from './probe-thread.ts';

export interface Candidate {
  readonly source: PluginSource;
  /** False: only what it declares is wanted; `init` and the examples do not run. True when absent. */
  readonly isRun?: boolean;
}

export interface ProbeLimits {
  /** For each piece of work (the import, one schema, one pattern, `init`, one example, `dispose`), in ms. */
  readonly timeMs?: number;
  /** Most JavaScript heap in MiB, garbage included; buffers outside the heap may take as much again. */
  readonly heapMb?: number;
}

export interface ProbeOptions {
  /** Gets what candidates log and print. */
  readonly onLog?: (line: ProbeLogLine) => void;
  /** How long a prepared thread waits for a candidate, in ms. */
  readonly idleMs?: number;
}

const TIME_MS = 10_000;
const HEAP_MB = 512;
const IDLE_MS = 60_000;

export class Probe {
  private readonly onLog: (line: ProbeLogLine) => void;
  private readonly idleMs: number;
  private readonly judging = new Set<ProbeThread>();
  private prepared: ProbeThread | undefined;
  private idle: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor({ onLog = () => undefined, idleMs = IDLE_MS }: ProbeOptions = {}) {
    this.onLog = onLog;
    this.idleMs = idleMs;
  }

  /**
   * A candidate is likely to come: starts a thread that has all but the candidate loaded, so that the verdict comes
   * sooner. It goes away by itself; another call lets it wait longer. Resolves when it waits.
   */
  async prepare({ heapMb = HEAP_MB }: Pick<ProbeLimits, 'heapMb'> = {}): Promise<void> {
    if (this.isClosed) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => this.takePrepared()?.end('not needed'), this.idleMs).unref();
    if (this.prepared?.heapMb === heapMb) return this.prepared.ready;
    this.prepared?.end('not needed');
    const thread = new ProbeThread(heapMb, this.onLog);
    this.prepared = thread;
    void thread.gone.then(() => {
      if (this.prepared === thread) this.takePrepared();
    });
    await thread.ready;
  }

  /** Never rejects, whatever the candidate does. Candidates judged at the same time do not wait for each other. */
  async judge(
    { source, isRun = true }: Candidate,
    { timeMs = TIME_MS, heapMb = HEAP_MB }: ProbeLimits = {},
  ): Promise<Verdict> {
    const prepared = this.prepared?.heapMb === heapMb ? this.takePrepared() : undefined;
    const thread = prepared ?? new ProbeThread(heapMb, this.onLog);
    if (this.isClosed) thread.end(CLOSED);
    this.judging.add(thread);
    const verdict = await thread.judge({ source, isRun, timeMs });
    this.judging.delete(thread);
    return verdict;
  }

  /** Ends every thread; candidates that are being judged are refused. */
  close(): void {
    this.isClosed = true;
    for (const thread of this.judging) thread.end(CLOSED);
    this.takePrepared()?.end(CLOSED);
  }

  private takePrepared(): ProbeThread | undefined {
    clearTimeout(this.idle);
    const thread = this.prepared;
    this.prepared = undefined;
    return thread;
  }
}

const CLOSED = 'the probe was closed';
