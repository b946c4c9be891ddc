/**
 * Sleeping workers and those who wake them. The queue is one word, the number of waiting calls, so that
 * the search is about parking alone.
 *
 * Wanted: whenever nothing moves any more and a call waits, no worker sleeps; otherwise its wake-up is lost.
 */
import type { SeatIndex } from '../../../src/core/brand.ts';
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import { SEAT, SEAT_WORDS } from '../../../src/shm/layout.ts';
import type { ParkedMode, Parking, Wake } from '../../../src/shm/parking.ts';
import { PARKED } from '../../../src/shm/parking.ts';
import type { Model, ThreadPlan } from '../../support/explorer-model.ts';
import type { Program } from '../../support/explorer-thread.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Parts } from './parts.ts';

export type ParkingEvent = 'wakes somebody' | 'has woken';

export interface WorkerShape {
  /** What each of its calls is; later ones are short. A long one goes on until its wait times out. */
  readonly calls: readonly ('short' | 'long')[];
  /** How it sleeps the first, second, … time; the last one counts for all later. */
  readonly modes: readonly ParkedMode[];
  readonly timeOuts?: number;
}

export interface ParkingShape {
  readonly workers: readonly WorkerShape[];
  /** Calls each producer pushes. */
  readonly producers: readonly number[];
  /** The worker that may die. */
  readonly mortal?: number;
  /** A duty of the callers that is left out, to show that it is one. */
  readonly omits?: 'the look before sleep' | 'the look after turning away' | 'the look after a death';
}

export function parkingModel(parts: Parts, shape: ParkingShape): Model<ParkingEvent> {
  const plan = new MemoryPlan();
  const region = { gate: plan.gate(), seat: plan.seats(shape.workers.length) };
  const waiting = plan.word('calls waiting');
  const mail = shape.workers.map((_, seat) => plan.word(`mail ${seat}`));
  const busy = plan.word('busy');
  const died = plan.word('died');
  const seats = shape.workers.length;

  const parkingOn = (seam: AtomicsSeam, words: Int32Array): Parking =>
    new parts.Parking(words, region, seats, seam);
  const isEmpty = (seam: AtomicsSeam, words: Int32Array): boolean => seam.load(words, waiting) === 0;
  const claim = (seam: AtomicsSeam, words: Int32Array): boolean => {
    for (;;) {
      const calls = seam.load(words, waiting);
      if (calls === 0) return false;
      if (seam.compareExchange(words, waiting, calls, calls - 1) === calls) return true;
    }
  };
  /** What every thread that has put something into the queue, or leaves something there, does. */
  const wakeByNeed = (seam: AtomicsSeam, words: Int32Array, settle: (place: string) => void): void => {
    settle('needs somebody');
    const parking = parkingOn(
      retrying(seam, region.gate, () => settle('wakes')),
      words,
    );
    if (parking.anyAttentive()) return;
    settle('wakes');
    const wake: Wake = parking.wakeOne();
    settle(wake.kind === 'none' ? 'has woken nobody' : `${wake.kind} ${wake.seat}`);
    if (wake.kind === 'ring') ring(seam, words, wake.seat);
  };
  /** A message to the worker's event loop. */
  const ring = (seam: AtomicsSeam, words: Int32Array, seat: SeatIndex): void => {
    const at = mail[seat] ?? 0;
    seam.add(words, at, 1);
    seam.notify(words, at);
  };

  const worker =
    (seat: SeatIndex, { calls, modes }: WorkerShape): Program<ParkingEvent> =>
    ({ seam, words, emit, settle }) => {
      const parking = parkingOn(seam, words);
      let read = 0;
      let sleeps = 0;
      let started = 0;
      const at = (place: string): void => settle(`${place} ${started} ${sleeps} ${read}`);
      parking.attend(seat);
      for (;;) {
        at('looks');
        if (claim(seam, words)) {
          const call = calls[started];
          if (call !== undefined) started++;
          if (call !== 'long') continue;
          at('is about to work long');
          parking.turnAway(seat);
          emit('wakes somebody');
          if (shape.omits !== 'the look after turning away' && !isEmpty(seam, words))
            wakeByNeed(seam, words, at);
          emit('has woken');
          at('works');
          seam.wait(words, busy, 0);
          at('has worked');
          parking.attend(seat);
          continue;
        }
        const mode = modes[sleeps] ?? PARKED.blocked;
        if (sleeps < modes.length - 1) sleeps++;
        at(`parks ${mode}`);
        parking.park(seat, mode);
        at(`looks again ${mode}`);
        if (shape.omits === 'the look before sleep' || isEmpty(seam, words)) {
          at(`sleeps ${mode}`);
          if (mode === PARKED.blocked) parking.sleep(seat, 1000);
          else {
            seam.wait(words, mail[seat] ?? 0, read);
            read = seam.load(words, mail[seat] ?? 0);
          }
        }
        at('wakes up');
        parking.unpark(seat);
      }
    };
  const producer =
    (pushes: number): Program<ParkingEvent> =>
    ({ seam, words, settle }) => {
      for (let pushed = 0; pushed < pushes; pushed++) {
        settle(`pushes ${pushed}`);
        seam.add(words, waiting, 1);
        wakeByNeed(seam, words, (place) => settle(`${place} ${pushed}`));
      }
    };
  const supervisor: Program<ParkingEvent> = ({ seam, words, settle }) => {
    seam.wait(words, died, 0);
    const parking = parkingOn(seam, words);
    parking.forget((seam.load(words, died) - 1) as SeatIndex);
    settle('looks');
    // Producers may have relied on the dead worker's attentive bit.
    if (shape.omits !== 'the look after a death' && !isEmpty(seam, words)) wakeByNeed(seam, words, settle);
  };

  const threads: ThreadPlan<ParkingEvent>[] = shape.workers.map((own, seat) => ({
    name: `worker ${seat}`,
    program: worker(seat as SeatIndex, own),
    timeOuts: own.timeOuts ?? 0,
    ...(shape.mortal === seat ? { death: { tells: died } } : {}),
  }));
  for (const [index, pushes] of shape.producers.entries()) {
    threads.push({ name: `producer ${index}`, program: producer(pushes) });
  }
  if (shape.mortal !== undefined) threads.push({ name: 'supervisor', program: supervisor });

  return {
    memory: plan.memory(),
    threads,
    nameOf: plan.nameOf,
    check: (rest) => {
      if (rest.memory[waiting] === 0) return undefined;
      // The one wake-up that may be lost: its giver died in the middle of it. Bounded sleep heals that.
      if (
        rest.threads.some(({ ending, events }) => ending === 'dead' && events.at(-1) === 'wakes somebody')
      ) {
        return undefined;
      }
      const sleeper = shape.workers.findIndex((_, seat) => {
        const parkedAt = region.seat + seat * SEAT_WORDS + SEAT.parked;
        const waitsOn = rest.threads[seat]?.waitsOn;
        return waitsOn === parkedAt || waitsOn === mail[seat];
      });
      return sleeper < 0 ? undefined : `worker ${sleeper} sleeps although a call waits`;
    },
  };
}

/** A seam for code that starts anew, remembering nothing, when an exchange of `word` fails. */
function retrying(seam: AtomicsSeam, word: number, settle: () => void): AtomicsSeam {
  return {
    load: (words, index) => seam.load(words, index),
    store: (words, index, value) => seam.store(words, index, value),
    add: (words, index, value) => seam.add(words, index, value),
    or: (words, index, value) => seam.or(words, index, value),
    and: (words, index, value) => seam.and(words, index, value),
    wait: (words, index, value, timeout) => seam.wait(words, index, value, timeout),
    notify: (words, index, count) => seam.notify(words, index, count),
    compareExchange: (words, index, expected, replacement) => {
      const before = seam.compareExchange(words, index, expected, replacement);
      if (index === word && before !== expected) settle();
      return before;
    },
  };
}
