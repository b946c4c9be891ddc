/** Makes failing scripts smaller while they fail in the same way. */
import type { Script, Turn } from './script.ts';

/**
 * The smallest scripts found until `deadline` (a time of `performance.now()`) for which `fails` holds; the given
 * ones when nothing smaller does.
 */
export async function shrink(
  scripts: readonly Script[],
  fails: (candidate: readonly Script[]) => Promise<boolean>,
  deadline: number,
): Promise<readonly Script[]> {
  let best = scripts;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smaller(best)) {
      if (performance.now() > deadline) return best;
      if (!(await fails(candidate))) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** Candidates, the boldest first. */
function* smaller(scripts: readonly Script[]): Generator<readonly Script[]> {
  if (scripts.length > 1) {
    for (const script of scripts) yield [script];
    const half = scripts.length >> 1;
    yield scripts.slice(0, half);
    yield scripts.slice(half);
    return;
  }
  const [script] = scripts;
  if (script === undefined) return;
  for (const turns of smallerTurns(script.turns)) yield [{ ...script, turns }];
}

function* smallerTurns(turns: readonly Turn[]): Generator<readonly Turn[]> {
  for (const index of turns.keys()) if (turns.length > 1) yield turns.toSpliced(index, 1);
  for (const [index, turn] of turns.entries()) {
    for (const one of smallerTurn(turn)) yield turns.with(index, one);
  }
}

function* smallerTurn(turn: Turn): Generator<Turn> {
  const { bytes, cuts } = turn;
  if (cuts.length > 0) yield { ...turn, cuts: [] };
  if (cuts.length > 1) {
    const half = cuts.length >> 1;
    yield { ...turn, cuts: cuts.slice(0, half) };
    yield { ...turn, cuts: cuts.slice(half) };
  }
  if (turn.pauseMs > 0) yield { ...turn, pauseMs: 0 };
  // What well-formed bytes expect holds only for all of them.
  if (turn.expects.kind !== 'legal') return;
  for (let length = bytes.length >> 1; length > 0; length >>= 1) {
    for (let at = 0; at < bytes.length; at += length) yield without(turn, at, length);
  }
}

function without(turn: Turn, at: number, length: number): Turn {
  const bytes = turn.bytes.slice(0, at) + turn.bytes.slice(at + length);
  return { ...turn, bytes, cuts: turn.cuts.filter((cut) => cut < bytes.length) };
}
