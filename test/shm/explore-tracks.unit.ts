import { test } from 'tap';
import { PARKED } from '../../src/shm/parking.ts';
import { explore } from '../support/explorer.ts';
import { holds } from './models/holds.ts';
import { REAL } from './models/parts.ts';
import { type TracksShape, tracksModel } from './models/tracks.ts';

const blocked = { mode: PARKED.blocked };
const looping = { mode: PARKED.looping };

test('a worker that changes tracks leaves no call behind and misses none', (t) => {
  const shapes: Record<string, TracksShape> = {
    'one worker, there and back': {
      workers: [blocked],
      front: ['common', 'open', 'heavy', 'close', 'common'],
    },
    'one worker in its event loop': {
      workers: [looping],
      front: ['common', 'open', 'heavy', 'close', 'common'],
    },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, tracksModel(REAL, shape));
  t.end();
});

test('larger models of changing tracks hold as far as they are followed', (t) => {
  const shapes: Record<string, TracksShape> = {
    'one of two leaves': { workers: [blocked, blocked], front: ['open', 'common'] },
    'one of two, there and back': {
      workers: [blocked, blocked],
      front: ['common', 'open', 'heavy', 'close', 'common'],
    },
    'one of two that wakes by itself': {
      workers: [blocked, { ...looping, timeOuts: 1 }],
      front: ['common', 'open', 'heavy', 'common'],
    },
  };
  for (const [name, shape] of Object.entries(shapes)) {
    holds(t, name, { ...tracksModel(REAL, shape), preemptions: 3 });
  }
  t.end();
});

test('without one of its duties a call would be left behind', (t) => {
  const shapes: readonly TracksShape[] = [
    { workers: [blocked], front: ['open', 'heavy'], omits: 'the wake-up' },
    { workers: [blocked], front: ['open', 'heavy'], omits: 'the look at the orders' },
    { workers: [blocked, blocked], front: ['open', 'common'], omits: 'the look after leaving' },
  ];
  for (const shape of shapes) {
    const { violation } = explore(tracksModel(REAL, shape));
    t.match(violation?.reason, /sleeps/, `without ${shape.omits ?? 'nothing'}`);
    t.comment(violation?.schedule.join('\n  '));
  }
  t.end();
});
