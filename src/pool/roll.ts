/**
 * Takes all workers from one deployment to the next, one at a time, or back.
 *
 *   ┌─► a replacement starts ─► it serves ─► one old worker stops claiming, finishes what it has, and goes ─┐
 *   └────────────────────────────────── while there are old workers ────────────────────────────────────────┘
 *
 * In this order, because at every moment the wanted number of workers serves: one thread more for a while, never
 * one fewer. The old code is given up only with its last worker, so until then there is a way back: the same
 * loop in the other direction. It is taken when a replacement does not come up, when a worker on the new code
 * is lost, or when `doubts` finds something.
 *
 * Workers that die meanwhile are replaced by the pool on the old code; the loop sees that it has more to do.
 */
import type { Deployment } from './deployment.ts';

/** What a roll needs of the pool. */
export interface Rollable<Worker> {
  /** Workers wanted. */
  readonly size: number;
  /** Workers that serve or are being started. */
  living(): readonly Worker[];
  deploymentOf(worker: Worker): Deployment | undefined;
  /** Starts one; resolves when it serves, rejects with the reason why it does not. */
  launch(deployment: Deployment): Promise<Worker>;
  /** Lets one finish and go; resolves when it claims and holds nothing any more. */
  retire(worker: Worker): Promise<void>;
  /** Which deployment the pool replaces lost workers on. */
  adopt(deployment: Deployment): void;
}

/** How a roll ended. */
export type RollOutcome =
  | { readonly kind: 'rolled' }
  /** All workers run the old code again. */
  | { readonly kind: 'rolled-back'; readonly reason: string };

/** Starts of a worker on the old code that may fail before the way back relies on the pool's own healing. */
const TRIES_BACK = 3;

/**
 * `doubts`: asked after each step; a sentence means that the new code is not to be trusted. One roll at a time.
 */
export async function roll<Worker>(
  pool: Rollable<Worker>,
  from: Deployment,
  to: Deployment,
  doubts: () => string | undefined,
): Promise<RollOutcome> {
  while (remaining(pool, to) !== undefined) {
    let reason: string | undefined;
    try {
      await pool.launch(to);
      // Which one, only now: it may have been lost meanwhile, and be replaced already.
      const old = remaining(pool, to);
      if (old !== undefined && pool.living().length > pool.size) await pool.retire(old);
      reason = doubts();
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (reason !== undefined) {
      await goBack(pool, from);
      return { kind: 'rolled-back', reason };
    }
  }
  pool.adopt(to);
  return { kind: 'rolled' };
}

/** A worker on other code than `wanted`. */
function remaining<Worker>(pool: Rollable<Worker>, wanted: Deployment): Worker | undefined {
  return pool.living().find((worker) => pool.deploymentOf(worker) !== wanted);
}

async function goBack<Worker>(pool: Rollable<Worker>, from: Deployment): Promise<void> {
  let failures = 0;
  for (;;) {
    const living = pool.living();
    const suspect = remaining(pool, from);
    // No suspect and one too many: a suspect was lost, and a thread that stood by was there before the one started for it.
    const leaving = suspect ?? living.at(-1);
    if (leaving !== undefined && living.length > pool.size) {
      await pool.retire(leaving);
      continue;
    }
    if (suspect === undefined) return;
    if (failures >= TRIES_BACK) {
      await pool.retire(suspect);
      continue;
    }
    try {
      // Then round again: the suspect may have died meanwhile, and its seat be another's.
      await pool.launch(from);
    } catch {
      // The old code has served, so the machine is in trouble, not the code.
      failures++;
    }
  }
}
