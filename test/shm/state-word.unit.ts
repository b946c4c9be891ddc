import * as fc from 'fast-check';
import { test } from 'tap';
import type { SeatIndex } from '../../src/core/brand.ts';
import {
  claimed,
  done,
  generationOf,
  nextGeneration,
  PHASE,
  phaseOf,
  queued,
  seatOf,
} from '../../src/shm/state-word.ts';

const GENERATIONS = 2 ** 21;
const generation = fc.oneof(fc.nat(GENERATIONS - 1), fc.constantFrom(0, GENERATIONS / 2, GENERATIONS - 1));
const seat = fc.nat(63).map((index) => index as SeatIndex);

/** FREE in that generation, reached by the module's own steps. */
const free = (wanted: number): number => nextGeneration(((wanted - 1 + GENERATIONS) % GENERATIONS) << 11);

test('phase, seat and generation come out of a word as they went in', (t) => {
  fc.assert(
    fc.property(generation, seat, (life, own) => {
      const words = [free(life), queued(free(life)), claimed(queued(free(life)), own)];
      words.push(done(words[2] ?? 0));
      const read = words.map((word) => [phaseOf(word), seatOf(word), generationOf(word)]);
      const wanted = [
        [PHASE.FREE, 0, life],
        [PHASE.QUEUED, 0, life],
        [PHASE.CLAIMED, own, life],
        [PHASE.DONE, own, life],
      ];
      return JSON.stringify(read) === JSON.stringify(wanted) && words.every((word) => word === (word | 0));
    }),
  );
  t.pass();
  t.end();
});

test('the next generation is FREE, of no seat, and follows the last one round', (t) => {
  fc.assert(
    fc.property(generation, seat, (life, own) => {
      for (const word of [
        free(life),
        queued(free(life)),
        claimed(free(life), own),
        done(claimed(free(life), own)),
      ]) {
        const next = nextGeneration(word);
        if (phaseOf(next) !== PHASE.FREE || seatOf(next) !== 0) return false;
        if (generationOf(next) !== (life + 1) % GENERATIONS) return false;
      }
      return true;
    }),
  );
  t.pass();
  t.end();
});
