/**
 * Reaches into a running worker, whatever its code is doing: through the inspector that Node has in every thread. It interrupts the thread between two instructions, so a loop is no obstacle; native code is.
 *
 * Attaching stops nobody and slows nothing: no debugger is enabled.
 */
import { type NodeWorker, Session } from 'node:inspector';
import type { Worker } from 'node:worker_threads';
import { promptly, Unanswered, whileAlive } from './patience.ts';

export class WorkerConsole implements Disposable {
  private readonly session = new Session();
  private readonly worker: Worker;
  private readonly answers = new Map<number, PromiseWithResolvers<unknown>>();
  private readonly attached = Promise.withResolvers<string>();
  private questions = 0;

  /** Dispose of it when done; what is being evaluated then goes on unheard. */
  constructor(worker: Worker) {
    this.worker = worker;
    this.session.connect();
    this.session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      // The only place where the inspector tells which thread it is.
      if (workerInfo.title.startsWith(`[worker ${worker.threadId}]`)) this.attached.resolve(sessionId);
    });
    this.session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => this.receive(params));
    this.session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
      if (error !== null) this.attached.reject(error);
    });
  }

  /** Rejects with `Unanswered` when the thread does not react or ends; else it takes as long as it takes. */
  async evaluate(expression: string): Promise<unknown> {
    const sessionId = await promptly(this.worker, this.attached.promise);
    await promptly(this.worker, this.ask(sessionId, 'Runtime.evaluate', { expression: '0' }));
    const params = { expression, returnByValue: true };
    return whileAlive(this.worker, this.ask(sessionId, 'Runtime.evaluate', params));
  }

  /**
   * Has the engine throw away the thread's optimised code, which it makes anew where it is needed. Counting calls
   * precisely, asked for and taken back at once, has this effect.
   */
  async forgetOptimisedCode(): Promise<void> {
    const sessionId = await promptly(this.worker, this.attached.promise);
    const steps = [
      this.ask(sessionId, 'Profiler.enable', {}),
      this.ask(sessionId, 'Profiler.startPreciseCoverage', { callCount: true, detailed: false }),
      this.ask(sessionId, 'Profiler.stopPreciseCoverage', {}),
      this.ask(sessionId, 'Profiler.disable', {}),
    ];
    await promptly(this.worker, Promise.all(steps));
  }

  private ask(sessionId: string, method: string, params: object): Promise<unknown> {
    const id = ++this.questions;
    const answer = Promise.withResolvers<unknown>();
    this.answers.set(id, answer);
    const message = JSON.stringify({ id, method, params });
    this.session.post('NodeWorker.sendMessageToWorker', { sessionId, message }, (error) => {
      if (error !== null) answer.reject(error);
    });
    return answer.promise;
  }

  private receive({ message }: NodeWorker.ReceivedMessageFromWorkerEventDataType): void {
    const { id, error, result }: Evaluated = JSON.parse(message);
    const answer = this.answers.get(id ?? 0);
    if (answer === undefined) return;
    this.answers.delete(id ?? 0);
    const thrown = result?.exceptionDetails?.exception?.description ?? result?.exceptionDetails?.text;
    const reason = error?.message ?? thrown;
    if (reason === undefined) answer.resolve(result?.result?.value);
    else answer.reject(new Unanswered(reason.split('\n', 1)[0]));
  }

  [Symbol.dispose](): void {
    this.session.disconnect();
  }
}

/** What the protocol answers, to `Runtime.evaluate` with a result in it; of other messages nothing is read. */
interface Evaluated {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: {
      readonly text: string;
      readonly exception?: { readonly description?: string };
    };
  };
}
