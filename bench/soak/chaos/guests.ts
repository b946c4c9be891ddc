/** Clients as they come: those that behave, slow ones, and those that leave. Each goes on until the scene stops. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Caller, connect, type Manner, patienceMs, type Scene } from './caller.ts';
import type { ClientSocket } from './client-socket.ts';
import { judgeCall } from './judge-call.ts';
import { ask, type Called } from './question.ts';
import { big, io, wellBehaved } from './well-behaved.ts';

/** Longest rests between calls, in milliseconds: the server shall have work, and the machine some left. */
const steadyPauseMs = 40;
const slowPauseMs = 300;
const leaverPauseMs = 150;
/** A slow sender's pieces, and its rest after each; far above what the server takes for a stalled sender. */
const pieces = 12;
const pieceRestMs = 25;
/** A slow reader's rest before it reads, and after each piece. */
const readRestMs = 20;

const wheel = wellBehaved.flatMap((plugin) => Array.from({ length: plugin.share }, () => plugin));

/** Calls all well-behaved plugins. */
export async function steadyGuest(scene: Scene, random: () => number): Promise<void> {
  const caller = new Caller(scene);
  while (!scene.stop.aborted) {
    const plugin = wheel[Math.floor(random() * wheel.length)];
    if (plugin === undefined || (await caller.call(plugin)) === undefined) break;
    await sleep(random() * steadyPauseMs);
  }
  caller.leave();
}

const slowSender: Manner = {
  name: 'sent slowly',
  async send(socket, bytes, answered) {
    const length = Math.ceil(bytes.length / pieces);
    for (let begin = 0; begin < bytes.length; begin += length) {
      socket.write(bytes.subarray(begin, begin + length));
      const next = await Promise.race([answered, sleep(pieceRestMs, 'go on' as const)]);
      if (next !== 'go on') return;
    }
  },
};

const slowReader: Manner = {
  name: 'read slowly',
  async send(socket, bytes) {
    socket.write(bytes);
    socket.readSlowly(readRestMs);
  },
};

/** Sends long bodies in pieces, or reads long answers so. */
export async function slowGuest(scene: Scene, random: () => number): Promise<void> {
  const caller = new Caller(scene);
  while (!scene.stop.aborted) {
    const manner = random() < 0.5 ? slowSender : slowReader;
    if ((await caller.call(big, manner)) === undefined) break;
    await sleep(random() * slowPauseMs);
  }
}

interface Departure {
  readonly moment: string;
  readonly plugin: Called;
  /** Resolves when the time to leave has come. */
  until(socket: ClientSocket, bytes: Buffer, random: () => number): Promise<unknown>;
}

const departures: readonly Departure[] = [
  {
    moment: 'while sending',
    plugin: big,
    until(socket, bytes, random) {
      socket.write(bytes.subarray(0, Math.ceil(bytes.length * random())));
      return sleep(random() * 20);
    },
  },
  {
    moment: 'after half a request and a long silence',
    plugin: io,
    until(socket, bytes, random) {
      socket.write(bytes.subarray(0, Math.ceil((bytes.length - 1) * random())));
      return sleep(500 + random() * 1500);
    },
  },
  {
    moment: 'while waiting',
    plugin: io,
    until(socket, bytes, random) {
      socket.write(bytes);
      return sleep(random() * 8);
    },
  },
  {
    moment: 'while receiving',
    plugin: big,
    until(socket, bytes) {
      socket.write(bytes);
      return socket.firstBytes();
    },
  },
];

/** Leaves at random moments. Where the answer was faster, it is judged like any other. */
export async function leavingGuest(scene: Scene, random: () => number): Promise<void> {
  const { ledger, isGood, stop } = scene;
  while (!stop.aborted) {
    const departure = departures[Math.floor(random() * departures.length)];
    const socket = await connect(scene);
    if (departure === undefined || socket === undefined) return;
    const { plugin, moment } = departure;
    const kind = ledger.asked(plugin, 'leaving');
    const question = ask(plugin, ledger.nextNumber());
    const sentAt = performance.now();
    const answered = socket.expect(patienceMs);
    await Promise.race([answered, departure.until(socket, question.bytes, random)]);
    socket.leave();
    const ending = await answered;
    const elapsedMs = performance.now() - sentAt;
    if (ending.kind === 'broken') ledger.left(kind, moment);
    else {
      const verdict = judgeCall(question, ending, elapsedMs, (version) => isGood(plugin.name, version));
      ledger.ended(kind, question, verdict, elapsedMs);
    }
    await sleep(random() * leaverPauseMs);
  }
}
