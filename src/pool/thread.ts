/**
 * One worker thread from launch to exit, as promises. Piscina starts and ends it; this file knows nothing
 * of why.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { SeatIndex } from '../core/brand.ts';
import type { Standing } from '../scheduling/standing.ts';
import { startThread } from '../scheduling/start-thread.ts';
import type { PluginFailure, PluginManifest, ServedPlugin, ToolBinding } from '../wire/catalogue.ts';
import type { TokenAnswer } from '../wire/coze-token.ts';
import type { ControlFromWorker, LaneFromWorker } from '../wire/from-worker.ts';
import type { OutboundHost } from '../wire/outbound.ts';
import type { ControlToWorker, LaneToWorker, ServeTask } from '../wire/to-worker.ts';
import { inOwnThread, type OwnThread } from './own-thread.ts';

/** How a thread ended. Settled after its exit: nothing can arrive from it any more. */
export type ThreadEnd =
  /** It drained and returned. */
  | { readonly kind: 'drained' }
  /** `terminate` ended it. */
  | { readonly kind: 'terminated'; readonly reason: string }
  /** It ended by itself; `loading`: the plugin it was importing then. */
  | { readonly kind: 'crashed'; readonly reason: string; readonly loading: string | undefined };

export interface LoadReport {
  readonly plugins: readonly PluginManifest[];
  readonly failures: readonly PluginFailure[];
}

export interface ThreadEvents {
  readonly onLane: (message: LaneFromWorker) => void;
  readonly onLog: (line: Extract<ControlFromWorker, { type: 'log' }>) => void;
  readonly onOutbound: (hosts: readonly OutboundHost[]) => void;
  /** Never rejects. */
  readonly onCozeToken: (user: string) => Promise<TokenAnswer>;
}

/** What `launch` fills in by itself. */
export type TaskBasics = Omit<ServeTask, 'control' | 'lanes' | 'seat'>;

export class Thread {
  readonly seat: SeatIndex;
  /** Rejects if the thread ends before. */
  readonly loaded: Promise<LoadReport>;
  /** Rejects if the thread ends before. */
  readonly serving: Promise<void>;
  readonly ended: Promise<ThreadEnd>;
  /** Resolves when `terminate` is called; the end itself may be far off. */
  readonly terminating: Promise<void>;
  readonly worker: Worker;
  private readonly events: ThreadEvents;
  private readonly control: MessagePort;
  private readonly lane: MessagePort;
  private readonly abort = new AbortController();
  private readonly standing: Standing | undefined;
  private loading: string | undefined;
  private terminatedFor: string | undefined;
  private readonly beginTermination: () => void;
  private returned = false;
  private hasLoaded = false;

  /** Starts a fresh thread; the pool must have room for one more and no idle thread. */
  constructor(pool: Piscina, seat: SeatIndex, basics: TaskBasics, events: ThreadEvents) {
    this.seat = seat;
    this.events = events;
    const control = new MessageChannel();
    const lane = new MessageChannel();
    this.control = control.port1;
    this.lane = lane.port1;

    const task: ServeTask = { ...basics, seat, control: control.port2, lanes: [lane.port2] };
    const { started: own, standing } = startThread(() =>
      inOwnThread(pool, task, [control.port2, lane.port2], this.abort),
    );
    this.standing = standing;
    this.worker = own.worker;

    const terminating = Promise.withResolvers<void>();
    this.terminating = terminating.promise;
    this.beginTermination = terminating.resolve;
    const loaded = Promise.withResolvers<LoadReport>();
    const serving = Promise.withResolvers<void>();
    this.loaded = loaded.promise;
    this.serving = serving.promise;
    this.ended = this.untilExit(own);
    // Whoever asks gets the rejection; nobody asking is no error.
    loaded.promise.catch(() => undefined);
    serving.promise.catch(() => undefined);
    void this.ended.then((end) => {
      const error = new Error(end.kind === 'drained' ? 'the thread drained' : end.reason);
      loaded.reject(error);
      serving.reject(error);
    });

    this.lane.on('message', events.onLane);
    this.control.on('message', (message: ControlFromWorker) => {
      switch (message.type) {
        case 'loading':
          this.loading = message.plugin;
          return;
        case 'loaded':
          this.loading = undefined;
          this.hasLoaded = true;
          loaded.resolve(message);
          return;
        case 'serving':
          serving.resolve();
          return;
        case 'drained':
          // What is left to do for it is to give its memory back.
          this.standing?.retire();
          return;
        case 'log':
          events.onLog(message);
          return;
        case 'outbound':
          events.onOutbound(message.hosts);
          return;
        case 'coze-token':
          void this.answerToken(message.question, message.user);
          return;
        default:
          message satisfies never;
      }
    });
  }

  /** The plugin being imported now. */
  get loadingPlugin(): string | undefined {
    return this.loading;
  }

  /** It was given plugins and has tried all of them. */
  get isLoaded(): boolean {
    return this.hasLoaded;
  }

  /** It came to the end of its task; the thread itself is about to end. */
  get hasReturned(): boolean {
    return this.returned;
  }

  /** It makes way for others until it gets plugins. */
  standBack(): void {
    this.standing?.standBack();
  }

  /** Gives it the plugins to load. */
  load(plugins: readonly ServedPlugin[]): void {
    this.standing?.compete();
    this.control.postMessage({ type: 'load', plugins } satisfies ControlToWorker);
  }

  /** Lets a loaded worker serve, under the numbers all threads share. */
  serve(tools: readonly ToolBinding[]): void {
    this.control.postMessage({ type: 'serve', tools } satisfies ControlToWorker);
  }

  private async answerToken(question: number, user: string): Promise<void> {
    const answer = await this.events.onCozeToken(user);
    this.control.postMessage({ type: 'coze-token', question, answer } satisfies ControlToWorker);
  }

  post(message: LaneToWorker): void {
    this.lane.postMessage(message);
  }

  /** Ends the thread whatever it does. Returns at once; a thread inside native code takes its time to end. */
  terminate(reason: string): void {
    this.terminatedFor ??= reason;
    this.beginTermination();
    this.abort.abort(reason);
    void this.worker.terminate();
  }

  private async untilExit({ returned, exit }: OwnThread): Promise<ThreadEnd> {
    let failure: unknown;
    try {
      await returned;
      this.returned = true;
    } catch (error) {
      failure = error;
    }
    const code = await exit;
    this.readToTheEnd();
    if (this.terminatedFor !== undefined) return { kind: 'terminated', reason: this.terminatedFor };
    if (this.returned) return { kind: 'drained' };
    return { kind: 'crashed', reason: reasonOf(failure, code), loading: this.loading };
  }

  /** Messages the thread sent before it ended may still lie in the ports. */
  private readToTheEnd(): void {
    for (
      let line = receiveMessageOnPort(this.control);
      line !== undefined;
      line = receiveMessageOnPort(this.control)
    ) {
      const message: ControlFromWorker = line.message;
      if (message.type === 'log') this.events.onLog(message);
      else if (message.type === 'outbound') this.events.onOutbound(message.hosts);
      else if (message.type === 'loading') this.loading = message.plugin;
    }
    for (
      let bell = receiveMessageOnPort(this.lane);
      bell !== undefined;
      bell = receiveMessageOnPort(this.lane)
    ) {
      this.events.onLane(bell.message);
    }
    this.control.close();
    this.lane.close();
  }
}

/** A task that was aborted without a word from here had not begun when its thread ended. */
function reasonOf(failure: unknown, code: number): string {
  if (failure instanceof Error && failure.name !== 'AbortError') return failure.message;
  return `the thread exited with code ${code}`;
}
