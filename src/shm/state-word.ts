/**
 * The word that decides who owns a slot: phase, seat and generation packed into 32 bits, so that one
 * compare-and-exchange changes all three or nothing.
 *
 *   31                      11 10        3 2     0
 *   ┌─────────────────────────┬───────────┬───────┐
 *   │ generation (21)         │ seat (8)  │ phase │
 *   └─────────────────────────┴───────────┴───────┘
 *
 *      ┌──────── submit ────────┐
 *   FREE ◄── withdraw ──── QUEUED ── claim ──► CLAIMED ── commit ──► DONE
 *    ▲  ▲                                        │                    │
 *    │  └──────────── reclaim (thread ended) ────┘                    │
 *    └───────────────────────── release ──────────────────────────────┘
 *
 * Every return to FREE adds one to the generation, so a word seen before can never match after reuse.
 */
import type { Generation, SeatIndex } from '../core/brand.ts';

export const PHASE = {
  /** Belongs to its front. */
  FREE: 0,
  /** In the submission queue; whoever wins the exchange owns it: a worker (claim) or its front (withdraw). */
  QUEUED: 1,
  /** Belongs to the worker in the seat; its request and reply blocks too. */
  CLAIMED: 2,
  /** The reply is complete; belongs to its front again. */
  DONE: 3,
} as const;

export type Phase = (typeof PHASE)[keyof typeof PHASE];

const PHASE_MASK = 0b111;
const SEAT_SHIFT = 3;
const SEAT_MASK = 0xff;
const GENERATION_SHIFT = 11;

export function phaseOf(word: number): number {
  return word & PHASE_MASK;
}

export function seatOf(word: number): SeatIndex {
  return ((word >>> SEAT_SHIFT) & SEAT_MASK) as SeatIndex;
}

export function generationOf(word: number): Generation {
  return (word >>> GENERATION_SHIFT) as Generation;
}

/** FREE of the generation after `word`'s. */
export function nextGeneration(word: number): number {
  return ((word >>> GENERATION_SHIFT) + 1) << GENERATION_SHIFT;
}

/** `word`'s generation in phase QUEUED. */
export function queued(word: number): number {
  return ((word >>> GENERATION_SHIFT) << GENERATION_SHIFT) | PHASE.QUEUED;
}

/** `word`'s generation, claimed by `seat`. */
export function claimed(word: number, seat: SeatIndex): number {
  return ((word >>> GENERATION_SHIFT) << GENERATION_SHIFT) | (seat << SEAT_SHIFT) | PHASE.CLAIMED;
}

/** `word` with its claim turned into a finished reply of the same seat. */
export function done(word: number): number {
  return (word & ~PHASE_MASK) | PHASE.DONE;
}
