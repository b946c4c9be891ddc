/** What would change a cause, in one sentence, and the settings it is about. */
import type { Cause } from './cause.ts';

export interface Advice {
  readonly sentence: string;
  readonly settings: readonly string[];
}

export function adviceFor(cause: Cause): Advice {
  switch (cause.kind) {
    case 'nothing':
      return say('No phase stands out: these calls are only somewhat slower than the others.');
    case 'phase':
      return PHASE_ADVICE[cause.phase];
    case 'pause':
      return pauseAdvice(cause);
  }
}

const PHASE_ADVICE = {
  read: say('The client sent its request slowly.'),
  queue: say(
    'All workers were taken: more of them, or more calls at a time in each; or refuse earlier.',
    'workers',
    'concurrency',
    'startBudgetMs',
    'fairShare',
  ),
  parse: say(
    'Reading the body took long: send smaller ones, or wait for fewer calls at a time.',
    'concurrency',
  ),
  validate: say('Checking the parameters took long: simpler schemas and patterns, or smaller bodies.'),
  run: say('The tool’s own time, or that of what it calls (ctx.fetch): its own code has the answer.'),
  encode: say('Writing the answer took long: give smaller ones.'),
  send: say('The client read its answer slowly, or the main thread had much to do.'),
} as const satisfies Record<Extract<Cause, { kind: 'phase' }>['phase'], Advice>;

function pauseAdvice({ pause, thread, by }: Extract<Cause, { kind: 'pause' }>): Advice {
  if (pause !== 'stall') {
    if (thread === 'main') return say('The main thread collected garbage: much is in flight in one process.');
    if (pause === 'gc-young') {
      return say('Short-lived objects fill the young generation too fast: make it larger.', 'workerYoungMb');
    }
    return say('The heap is nearly full or holds much: give it room, or keep less.', 'workerHeapMb');
  }
  if (thread === 'main') return say('Something kept the main thread; `hotlane profile --main` shows what.');
  if (by === undefined) return say('Something kept the worker’s thread; `hotlane profile` shows what.');
  if (by === 'itself') {
    return say('It computes for long at a stretch: in smaller steps, or with more workers.', 'workers');
  }
  return say(
    `A call of ${by} kept the worker’s thread: change its code, or give it a share or workers of its own.`,
    'fairShare',
    'workers',
  );
}

function say(sentence: string, ...settings: readonly string[]): Advice {
  return { sentence, settings };
}
