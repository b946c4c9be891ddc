/** Plays a script on a connection of its own and notes what came back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAnswers } from './answers.ts';
import { headsOf, type Script, type Turn } from './script.ts';

export interface Transcript {
  readonly received: Buffer;
  /** Turns that were sent whole. */
  readonly turns: number;
  /** The server, or the network, ended the connection. */
  readonly isOver: boolean;
  /** Waited in vain for an answer or for the end of the connection. */
  readonly isStuck: boolean;
}

/** A connection on which nothing has come for so long is taken to have nothing to say. */
const QUIET_MS = 25;

/** Resolves when everything expected has come, or after `patienceMs` without any sign of life. */
export async function play(script: Script, port: number, patienceMs: number): Promise<Transcript> {
  const line = new Line(connect({ host: '127.0.0.1', port, noDelay: true }));
  let turns = 0;
  let isStuck = false;
  let answers = 0;
  try {
    for (const [index, turn] of script.turns.entries()) {
      await line.send(turn);
      turns++;
      const isLast = index === script.turns.length - 1;
      if (isLast && script.ending === 'reset') break;
      if (isLast && script.ending === 'half-close') line.socket.end();
      answers += awaited(turn);
      const isHere = (): boolean => hasCome(line, script, turn, answers);
      if (turn.expects.kind === 'legal') await line.untilQuiet(patienceMs);
      else if (!(await line.until(isHere, patienceMs))) isStuck = !(isLast && script.ending === 'half-close');
      if (isStuck || line.isOver) break;
    }
    return { received: line.received(), turns, isOver: line.isOver, isStuck };
  } finally {
    if (script.ending === 'reset') line.socket.resetAndDestroy();
    else line.socket.destroy();
  }
}

function awaited({ expects }: Turn): number {
  return expects.kind === 'answers' || expects.kind === 'some' ? expects.answers.length : 1;
}

function hasCome(line: Line, script: Script, { expects }: Turn, count: number): boolean {
  if (line.isOver) return true;
  if (expects.kind === 'refusal' || (expects.kind === 'answers' && expects.closes)) return false;
  return readAnswers(line.received(), { heads: headsOf(script), isOver: false }).answers.length >= count;
}

class Line {
  readonly socket: Socket;
  isOver = false;
  private chunks: Buffer[] = [];
  private changed = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.chunks.push(bytes);
      this.notify();
    });
    // A reset is one way to end; `isOver` tells it. With half-open sockets the server's end comes as 'end'.
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.isOver = true;
        this.notify();
      });
    }
  }

  received(): Buffer {
    const all = Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }

  /** Ends early when the connection does. */
  async send({ bytes, cuts, pauseMs }: Turn): Promise<void> {
    if (this.socket.connecting) await once(this.socket, 'connect');
    let start = 0;
    for (const end of [...cuts, bytes.length]) {
      if (this.isOver) return;
      const isTaken = this.socket.write(bytes.slice(start, end), 'latin1');
      start = end;
      if (!isTaken) await this.until(() => this.isOver || this.socket.writableLength === 0, 2000, 5);
      if (end === bytes.length) return;
      await (pauseMs > 0 ? sleep(pauseMs) : new Promise(setImmediate));
    }
  }

  /** False when it does not come true within `ms` in which nothing else comes either. */
  async until(holds: () => boolean, ms: number, lookMs = ms): Promise<boolean> {
    let quietSince = performance.now();
    while (!holds()) {
      const { promise } = this.changed;
      const timer = new AbortController();
      const isNews = await Promise.race([
        promise.then(() => true),
        sleep(lookMs, false, { signal: timer.signal }).catch(() => false),
      ]);
      timer.abort();
      if (isNews) quietSince = performance.now();
      else if (performance.now() - quietSince >= ms) return holds();
    }
    return true;
  }

  async untilQuiet(atMostMs: number): Promise<void> {
    const end = performance.now() + atMostMs;
    while (!this.isOver && performance.now() < end) {
      const before = this.received().length;
      await sleep(QUIET_MS);
      if (this.received().length === before) return;
    }
  }

  private notify(): void {
    this.changed.resolve();
    this.changed = Promise.withResolvers();
  }
}
