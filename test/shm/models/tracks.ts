/**
 * Workers that are put from one track on the other while calls come in for both. Each queue is one word, the number of
 * waiting calls.
 *
 * Wanted: whenever nothing moves any more, every worker sleeps on the track it is ordered to, and no call waits on a track
 * whose workers sleep.
 */
import type { SeatIndex } from '../../../src/core/brand.ts';
import type { AtomicsSeam } from '../../../src/shm/atomics.ts';
import { SEAT, SEAT_WORDS } from '../../../src/shm/layout.ts';
import type { ParkedMode, Parking } from '../../../src/shm/parking.ts';
import { PARKED } from '../../../src/shm/parking.ts';
import { Seats } from '../../../src/shm/seats.ts';
import type { TrackName } from '../../../src/shm/track.ts';
import type { Model, ThreadPlan } from '../../support/explorer-model.ts';
import type { Program } from '../../support/explorer-thread.ts';
import { MemoryPlan } from './memory-plan.ts';
import type { Parts } from './parts.ts';

/** What the front does: a call for a track, or the last worker is put on the other one. */
export type FrontStep = TrackName | 'open' | 'close';

export interface TracksShape {
  /** How each worker sleeps; `timeOuts`: how often by itself not for long. */
  readonly workers: readonly { readonly mode: ParkedMode; readonly timeOuts?: number }[];
  readonly front: readonly FrontStep[];
  /** A duty that is left out, to show that it is one. */
  readonly omits?: 'the wake-up' | 'the look at the orders' | 'the look after leaving';
}

export function tracksModel(parts: Parts, shape: TracksShape): Model<never> {
  const plan = new MemoryPlan();
  const gates = { common: plan.gate(), heavy: plan.gate() };
  const seatsAt = plan.seats(shape.workers.length);
  const waiting = { common: plan.word('common calls'), heavy: plan.word('heavy calls') };
  const mail = shape.workers.map((_, seat) => plan.word(`mail ${seat}`));
  const moved = (shape.workers.length - 1) as SeatIndex;

  const parkingOn = (seam: AtomicsSeam, words: Int32Array, track: TrackName): Parking =>
    new parts.Parking(words, { gate: gates[track], seat: seatsAt }, shape.workers.length, seam);
  const ring = (seam: AtomicsSeam, words: Int32Array, seat: SeatIndex): void => {
    const at = mail[seat] ?? 0;
    seam.add(words, at, 1);
    seam.notify(words, at);
  };
  const wakeByNeed = (seam: AtomicsSeam, words: Int32Array, track: TrackName): void => {
    const parking = parkingOn(seam, words, track);
    if (parking.anyAttentive()) return;
    const wake = parking.wakeOne();
    if (wake.kind === 'ring') ring(seam, words, wake.seat);
  };

  const worker =
    (seat: SeatIndex, mode: ParkedMode): Program<never> =>
    ({ seam, words, settle }) => {
      const seats = new Seats(words, seatsAt, seam);
      const gate = {
        common: parkingOn(seam, words, 'common'),
        heavy: parkingOn(seam, words, 'heavy'),
      };
      const isEmpty = (of: TrackName): boolean => seam.load(words, waiting[of]) === 0;
      const claim = (of: TrackName): boolean => {
        const calls = seam.load(words, waiting[of]);
        return calls > 0 && seam.compareExchange(words, waiting[of], calls, calls - 1) === calls;
      };
      const wanted = (): TrackName => (seats.isHeavy(seat) ? 'heavy' : 'common');
      let track: TrackName = 'common';
      let read = 0;
      const at = (place: string): void => settle(`${place} ${track} ${read}`);
      gate[track].attend(seat);
      for (;;) {
        at('looks at its orders');
        const order = wanted();
        if (order !== track) {
          gate[track].turnAway(seat);
          at('leaves');
          if (shape.omits !== 'the look after leaving' && !isEmpty(track)) wakeByNeed(seam, words, track);
          track = order;
          at('joins');
          gate[track].attend(seat);
        }
        at('looks');
        if (claim(track)) continue;
        at('parks');
        gate[track].park(seat, mode);
        at('looks again');
        const stays = shape.omits === 'the look at the orders' || wanted() === track;
        if (isEmpty(track) && stays) {
          at('sleeps');
          if (mode === PARKED.blocked) gate[track].sleep(seat, 1000);
          else {
            seam.wait(words, mail[seat] ?? 0, read);
            read = seam.load(words, mail[seat] ?? 0);
          }
        }
        at('wakes up');
        gate[track].unpark(seat);
      }
    };

  const front: Program<never> = ({ seam, words, settle }) => {
    const seats = new Seats(words, seatsAt, seam);
    for (const [index, step] of shape.front.entries()) {
      settle(`${index} ${step}`);
      if (step === 'common' || step === 'heavy') {
        seam.add(words, waiting[step], 1);
        settle(`${index} wakes`);
        wakeByNeed(seam, words, step);
        continue;
      }
      // Nobody is taken from a track on which calls wait and nobody else is.
      if (step === 'close' && seam.load(words, waiting.heavy) > 0) continue;
      seats.assign(moved, step === 'open' ? 'heavy' : 'common');
      settle(`${index} alerts`);
      if (shape.omits === 'the wake-up') continue;
      const wake = parkingOn(seam, words, step === 'open' ? 'common' : 'heavy').wake(moved);
      if (wake.kind !== 'notified') ring(seam, words, moved);
    }
  };

  const threads: ThreadPlan<never>[] = shape.workers.map(({ mode, timeOuts }, seat) => ({
    name: `worker ${seat}`,
    program: worker(seat as SeatIndex, mode),
    timeOuts: timeOuts ?? 0,
  }));
  threads.push({ name: 'front', program: front });

  return {
    memory: plan.memory(),
    threads,
    nameOf: plan.nameOf,
    check: (rest) => {
      for (const seat of shape.workers.keys()) {
        const seatAt = seatsAt + seat * SEAT_WORDS;
        const waitsOn = rest.threads[seat]?.waitsOn;
        if (waitsOn !== seatAt + SEAT.parked && waitsOn !== mail[seat]) continue;
        const order = new Seats(rest.memory, seatsAt, Atomics).isHeavy(seat as SeatIndex)
          ? 'heavy'
          : 'common';
        const parkedBit = 1 << seat;
        if (((rest.memory[gates[order]] ?? 0) & parkedBit) === 0)
          return `worker ${seat} sleeps on the wrong track`;
        if ((rest.memory[waiting[order]] ?? 0) > 0)
          return `worker ${seat} sleeps although a ${order} call waits`;
      }
      return undefined;
    },
  };
}
