/**
 * The token thread as the main thread has it: questions go in, each is answered once. A thread that ends is started again,
 * after a pause that grows while it keeps ending; what was asked of it is answered with THREAD_ENDED.
 *
 * Tokens have a thread of their own because the embedded store is synchronous, and the main thread must not wait for a disk.
 */
import { Worker } from 'node:worker_threads';
import type { Log } from '../../core/log.ts';
import { threadCode } from '../../core/thread-code.ts';
import type { TokenAnswer } from '../../wire/coze-token.ts';
import { SettingProblem } from '../setting-problem.ts';
import type { Begun, Finished, Forgotten, GrantStatus, NotNow, TokenService } from '../token-service.ts';
import { Unavailable, type UnavailableCode } from '../unavailable.ts';
import { AnswerCounts } from './answer-counts.ts';
import type { Answer, FromTokenThread, Question, TokenThreadData, ToTokenThread } from './messages.ts';

/** How long an answer may take, in ms. The service has shorter limits of its own. */
const ANSWER_LIMIT = 30_000;
/** Questions that may wait for their answers. */
const MOST_OPEN = 2000;
/** The pause before a thread is started again, in ms: doubled each time, as long as none lives for `STEADY`. */
const PAUSE = { first: 100, longest: 30_000 } as const;
const STEADY = 60_000;
/** How long the thread may take to end, in ms: a refresh under way must reach the store, or its user has to consent again. */
const CLOSE_LIMIT = 15_000;
/** It holds connections and some thousand tokens at most, in MiB. */
const HEAP = 128;

export class TokenThread implements Pick<TokenService, 'begin' | 'finish' | 'status' | 'forget'> {
  readonly #data: TokenThreadData;
  /** Resolves when the first thread has started or ended; rejects with SettingProblem where the settings keep it from that. */
  readonly started: Promise<void>;
  readonly answers = new AnswerCounts();
  private readonly log: Log;
  private readonly first = Promise.withResolvers<void>();
  private readonly open = new Map<number, (answer: Answer) => void>();
  private worker: Worker | undefined;
  private number = 0;
  /** Threads in a row that have not lived for long. */
  private failures = 0;
  private restart: NodeJS.Timeout | undefined;
  private closing: Promise<void> | undefined;

  /** Starts it. `data` holds the secrets of the settings, which are given to the thread and to nobody else. */
  constructor(data: TokenThreadData, log: Log) {
    this.#data = data;
    this.log = log;
    this.started = this.first.promise;
    // Whoever asks gets the rejection; nobody asking is no error.
    this.started.catch(() => undefined);
    this.start();
  }

  async begin(user: string, session: string): Promise<Begun> {
    const answer = await this.ask({ kind: 'begin', user, session });
    return answer.kind === 'begun' ? answer : notNow(answer);
  }

  async finish(given: Omit<Extract<Question, { kind: 'finish' }>, 'kind'>): Promise<Finished> {
    const answer = await this.ask({ kind: 'finish', ...given });
    return answer.kind === 'stored' || answer.kind === 'refused' ? answer : notNow(answer);
  }

  /** For workers. Why it is unavailable stands in the log. */
  async token(user: string): Promise<TokenAnswer> {
    const answer = await this.ask({ kind: 'token', user });
    return answer.kind === 'token' || answer.kind === 'consent-required' ? answer : { kind: 'unavailable' };
  }

  async status(user: string): Promise<GrantStatus> {
    const answer = await this.ask({ kind: 'status', user });
    return answer.kind === 'granted' || answer.kind === 'consent-required' ? answer : notNow(answer);
  }

  async forget(user: string): Promise<Forgotten> {
    const answer = await this.ask({ kind: 'forget', user });
    return answer.kind === 'forgotten' ? answer : notNow(answer);
  }

  /** Ends the thread once what is under way has reached the store. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  private async ask(question: Question): Promise<Answer> {
    const answer = await this.answerTo(question);
    this.answers.count(question.kind, answer);
    return answer;
  }

  private answerTo(question: Question): Promise<Answer> {
    const { worker, closing } = this;
    if (closing !== undefined) return Promise.resolve(unavailable('CLOSED'));
    if (worker === undefined || this.open.size >= MOST_OPEN)
      return Promise.resolve(unavailable('THREAD_ENDED'));
    const id = ++this.number;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const limit = setTimeout(() => this.receive(id, unavailable('TOO_LATE')), ANSWER_LIMIT);
    this.open.set(id, (answer) => {
      clearTimeout(limit);
      resolve(answer);
    });
    worker.postMessage({ type: 'ask', id, question } satisfies ToTokenThread);
    return promise;
  }

  private receive(id: number, answer: Answer): void {
    this.open.get(id)?.(answer);
    this.open.delete(id);
  }

  private start(): void {
    const startedAt = performance.now();
    const worker = new Worker(threadCode('src/oauth/thread/run'), {
      name: 'tokens',
      workerData: this.#data,
      resourceLimits: { maxOldGenerationSizeMb: HEAP },
      env: {},
      execArgv: [],
    });
    this.worker = worker;
    let reason = 'it returned';
    worker.on('message', (message: FromTokenThread) => {
      switch (message.type) {
        case 'answer':
          this.receive(message.id, message.answer);
          return;
        case 'started':
          this.first.resolve();
          return;
        case 'refused':
          this.first.reject(new SettingProblem(message.setting, message.message));
          return;
        case 'log':
          this.log[message.level](message.message, message.fields);
          return;
        default:
          message satisfies never;
      }
    });
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
    });
    worker.once('exit', () => this.ended(reason, performance.now() - startedAt));
  }

  private ended(reason: string, livedMs: number): void {
    this.worker = undefined;
    this.first.resolve();
    for (const id of this.open.keys()) this.receive(id, unavailable('THREAD_ENDED'));
    if (this.closing !== undefined) return;
    this.failures = livedMs >= STEADY ? 1 : this.failures + 1;
    const ms = Math.min(PAUSE.first * 2 ** (this.failures - 1), PAUSE.longest);
    this.log.error(`the thread that keeps Coze's tokens has ended; it is started again in ${ms} ms`, {
      reason,
    });
    this.restart = setTimeout(() => this.start(), ms);
  }

  private async end(): Promise<void> {
    clearTimeout(this.restart);
    const { worker } = this;
    if (worker === undefined) return;
    const exit = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage({ type: 'close' } satisfies ToTokenThread);
    const limit = setTimeout(() => void worker.terminate(), CLOSE_LIMIT);
    await exit;
    clearTimeout(limit);
  }
}

function unavailable(code: UnavailableCode): NotNow {
  return { kind: 'unavailable', code, reason: new Unavailable(code).message };
}

/** An answer of another kind than asked for is none. */
function notNow(answer: Answer): NotNow {
  return answer.kind === 'unavailable' ? answer : unavailable('THREAD_ENDED');
}
