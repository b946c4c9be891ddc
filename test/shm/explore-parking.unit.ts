import { test } from 'tap';
import { PARKED } from '../../src/shm/parking.ts';
import { explore } from '../support/explorer.ts';
import { holds } from './models/holds.ts';
import { type ParkingShape, parkingModel } from './models/parking.ts';
import { REAL } from './models/parts.ts';

const { blocked, looping } = PARKED;

test('no worker sleeps while a call waits', (t) => {
  const shapes: Record<string, ParkingShape> = {
    'one worker, two calls': { workers: [{ calls: [], modes: [blocked] }], producers: [2] },
    'one worker, two producers, a spurious wake-up, two ways to sleep': {
      workers: [{ calls: [], modes: [blocked, looping], timeOuts: 1 }],
      producers: [1, 1],
    },
    'two workers, one producer, spurious wake-ups': {
      workers: [
        { calls: [], modes: [blocked], timeOuts: 1 },
        { calls: [], modes: [looping], timeOuts: 1 },
      ],
      producers: [2],
    },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, parkingModel(REAL, shape));
  t.end();
});

test('a worker that turns away for a long call leaves no call behind', (t) => {
  const shapes: Record<string, ParkingShape> = {
    'one other': {
      workers: [
        { calls: ['long'], modes: [blocked] },
        { calls: [], modes: [blocked] },
      ],
      producers: [2],
    },
    'both turn away': {
      workers: [
        { calls: ['long'], modes: [blocked], timeOuts: 1 },
        { calls: ['long'], modes: [blocked] },
      ],
      producers: [2],
    },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, parkingModel(REAL, shape));
  t.end();
});

test('two producers and two workers of every kind', (t) => {
  const model = parkingModel(REAL, {
    workers: [
      { calls: ['long'], modes: [blocked, looping], timeOuts: 1 },
      { calls: [], modes: [looping, blocked], timeOuts: 1 },
    ],
    producers: [1, 1],
  });
  holds(t, 'with spurious wake-ups', { ...model, preemptions: 2 });
  t.end();
});

test('a worker that dies is not relied upon, once its supervisor has forgotten it', (t) => {
  const shapes: Record<string, ParkingShape> = {
    'the one that works long': {
      workers: [
        { calls: ['long'], modes: [blocked] },
        { calls: [], modes: [blocked] },
      ],
      producers: [2],
      mortal: 0,
    },
    'the other one': {
      workers: [
        { calls: ['long'], modes: [blocked] },
        { calls: [], modes: [looping] },
      ],
      producers: [2],
      mortal: 1,
    },
  };
  for (const [name, shape] of Object.entries(shapes)) holds(t, name, parkingModel(REAL, shape));
  t.end();
});

test('without one of the looks a call would be left behind', (t) => {
  const short = { calls: [], modes: [blocked] };
  const long = { calls: ['long'], modes: [blocked] } as const;
  const shapes: readonly ParkingShape[] = [
    { workers: [short], producers: [1], omits: 'the look before sleep' },
    { workers: [long, short], producers: [2], omits: 'the look after turning away' },
    { workers: [short, short], producers: [1], mortal: 0, omits: 'the look after a death' },
  ];
  for (const shape of shapes) {
    const { violation } = explore(parkingModel(REAL, shape));
    t.match(violation?.reason, /sleeps although a call waits/, `without ${shape.omits ?? 'nothing'}`);
  }
  t.end();
});
