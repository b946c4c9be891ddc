import { test } from 'tap';
import { explore } from '../support/explorer.ts';
import { completionModel } from './models/completion.ts';
import { doorbellModel } from './models/doorbell.ts';
import { holds } from './models/holds.ts';
import { REAL } from './models/parts.ts';

test('each reply is delivered once and the front is rung for it', (t) => {
  holds(t, 'two workers', completionModel(REAL, { cells: 4, workers: [1, 1] }));
  holds(t, 'two workers, three calls', completionModel(REAL, { cells: 4, workers: [2, 1] }));
  t.end();
});

test('a worker that dies between commit, push and ring leaves nothing unanswered and nothing doubled', (t) => {
  holds(t, 'alone', completionModel(REAL, { cells: 4, workers: [2], mortal: true }));
  holds(t, 'two workers', completionModel(REAL, { cells: 4, workers: [1, 1], mortal: true }));
  const larger = completionModel(REAL, { cells: 4, workers: [2, 1], mortal: true });
  holds(t, 'two workers, three calls', { ...larger, preemptions: 2 });
  t.end();
});

test('no ring is lost, and no sleep is rung twice', (t) => {
  holds(t, 'two workers, two replies each', doorbellModel(REAL, { workers: [2, 2] }));
  holds(
    t,
    'three workers, a front woken by something else',
    doorbellModel(REAL, { workers: [1, 1, 1], timeOuts: 1 }),
  );
  t.end();
});

test('without its last look the front would sleep although a reply lies there', (t) => {
  const { violation } = explore(doorbellModel(REAL, { workers: [1], omitsLook: true }));
  t.match(violation?.reason, /sleeps although 1 replies/);
  t.end();
});

test('a front that did not say asleep again after a death would miss the next reply', (t) => {
  const shape = { cells: 4, workers: [1, 1], mortal: true, omitsAsleep: true };
  const { violation } = explore(completionModel(REAL, shape));
  t.match(violation?.reason, /no answer/);
  t.comment(violation?.schedule.join('\n  '));
  t.end();
});
