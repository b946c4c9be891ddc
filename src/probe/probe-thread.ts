/**
 * One probe thread from launch to verdict. Whatever happens to it (a loop, an exit, no memory left) becomes a
 * verdict about what it announced last.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { threadCode } from '../core/thread-code.ts';
import { startThread } from '../scheduling/start-thread.ts';
import { pluginEnvironment } from '../wire/plugin-environment.ts';
import type { FromProbe, ProbeTask, ProbeThreadData, Unfit, Verdict } from '../wire/probe-messages.ts';

/** A line of the candidate's log. */
export type ProbeLogLine = Extract<FromProbe, { readonly type: 'log' }>;

/** How long the thread may take to begin with the candidate, in ms. Generous: it is our own code that loads. */
const START_LIMIT = 30_000;
/** How often the thread's memory is looked at, in ms. */
const MEMORY_INTERVAL = 50;
/**
 * How much more heap than the limit the engine gives the thread, in MiB. Its own limit is no safe end: code that reaches
 * it while it allocates fast takes the whole process along. So the thread is to be gone before.
 */
const HEADROOM = 256;

const MIB = 2 ** 20;

export class ProbeThread {
  readonly heapMb: number;
  /** Resolves when the thread is gone. */
  readonly gone: Promise<void>;
  private readonly worker: Worker;
  private readonly port: MessagePort;
  private readonly onLog: (line: ProbeLogLine) => void;
  private readonly settled = Promise.withResolvers<Verdict>();
  private readonly readied = Promise.withResolvers<void>();
  /** What the thread announced last. */
  private doing: { readonly step: Unfit['step']; readonly what: string } = {
    step: 'thread',
    what: 'starting',
  };
  private limit: NodeJS.Timeout | undefined;
  private failure: Error | undefined;

  /** Starts it; it loads the host's own modules and waits. It keeps no process alive before it has a task. */
  constructor(heapMb: number, onLog: (line: ProbeLogLine) => void) {
    this.heapMb = heapMb;
    this.onLog = onLog;
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const { started, standing } = startThread(
      () =>
        new Worker(threadCode('workers/probe'), {
          workerData: { port: port2 } satisfies ProbeThreadData,
          transferList: [port2],
          resourceLimits: { maxOldGenerationSizeMb: heapMb + HEADROOM },
          env: pluginEnvironment(),
          execArgv: ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
        }),
    );
    this.worker = started;
    // For good: no call waits for it.
    standing?.retire();
    this.gone = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.afterExit(code);
        resolve();
      });
    });
    this.worker.on('error', (error) => {
      this.failure = error instanceof Error ? error : new Error(String(error));
    });
    this.port.on('message', (message: FromProbe) => this.receive(message));
    this.worker.unref();
    this.port.unref();
  }

  /** Resolves when the thread has done what it can before its task, or is gone. */
  get ready(): Promise<void> {
    return Promise.race([this.readied.promise, this.gone]);
  }

  /** To be called once. Never rejects; the thread is on its way out when it resolves. */
  async judge(task: ProbeTask): Promise<Verdict> {
    this.worker.ref();
    this.port.postMessage(task);
    this.limitTo(START_LIMIT);
    const memory = setInterval(() => void this.weigh(), MEMORY_INTERVAL);
    const verdict = await this.settled.promise;
    clearInterval(memory);
    clearTimeout(this.limit);
    const ended = this.worker.terminate();
    // What a fit candidate held is free for its next thread. One that hangs in native code is not waited for.
    if (verdict.kind === 'fit') await ended;
    return verdict;
  }

  /** Ends the thread; a verdict that is still due says why. */
  end(reason: string): void {
    this.refuse('thread', reason);
    void this.worker.terminate();
  }

  private receive(message: FromProbe): void {
    switch (message.type) {
      case 'ready':
        this.readied.resolve();
        return;
      case 'doing':
        this.doing = message;
        this.limitTo(message.limitMs);
        return;
      case 'verdict':
        this.settled.resolve(message.verdict);
        return;
      case 'log':
        this.onLog(message);
        return;
      default:
        message satisfies never;
    }
  }

  /** For what is done now. */
  private limitTo(ms: number): void {
    clearTimeout(this.limit);
    const { doing } = this;
    this.limit = setTimeout(() => {
      // This thread may have been held up itself, and the next announcement lie unread.
      this.readToTheEnd();
      if (this.doing === doing) this.refuse(doing.step, `${doing.what} took longer than ${ms} ms`);
    }, ms);
  }

  /** Buffers lie outside the heap, and count by themselves. */
  private async weigh(): Promise<void> {
    try {
      const { used_heap_size: heap, external_memory: buffers } = await this.worker.getHeapStatistics();
      if (Math.max(heap, buffers) > this.heapMb * MIB) this.refuseForMemory();
    } catch {
      // The thread has ended meanwhile.
    }
  }

  private afterExit(code: number): void {
    this.readToTheEnd();
    this.port.close();
    const { step, what } = this.doing;
    if (this.failure === undefined) {
      this.refuse(step, `${what} ended the thread: process.exit(${code}) was called`);
    } else if ('code' in this.failure && this.failure.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      this.refuseForMemory();
    } else {
      this.refuse(step, `${what} ended the thread: ${this.failure.message}`);
    }
  }

  private refuseForMemory(): void {
    const { step, what } = this.doing;
    this.refuse(step, `${what} took more memory than the limit of ${this.heapMb} MiB`);
  }

  /** Counts only if there is no verdict yet. */
  private refuse(step: Unfit['step'], reason: string): void {
    const nowhere = {
      file: undefined,
      line: undefined,
      column: undefined,
      frame: undefined,
      stack: undefined,
    };
    this.settled.resolve({ kind: 'unfit', step, reason, ...nowhere });
  }

  private readToTheEnd(): void {
    for (
      let line = receiveMessageOnPort(this.port);
      line !== undefined;
      line = receiveMessageOnPort(this.port)
    ) {
      this.receive(line.message);
    }
  }
}
