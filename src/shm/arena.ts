/**
 * The shared memory of one server: made once by the main thread, attached by every other.
 */
import { Buffer } from 'node:buffer';
import type { FrontIndex } from '../core/brand.ts';
import type { AtomicsSeam } from './atomics.ts';
import { CompletionQueue } from './completion-queue.ts';
import { Doorbell } from './doorbell.ts';
import { type ArenaLayout, type ArenaShape, layoutOf, type SizeClass, TRACK } from './layout.ts';
import { Parking } from './parking.ts';
import { Ring } from './ring.ts';
import { Seats } from './seats.ts';
import { type Holder, Slab } from './slab.ts';
import { Slots } from './slots.ts';
import { SubmissionQueue } from './submission-queue.ts';
import type { Track, Tracks } from './track.ts';

/** What a thread needs to attach; survives structured cloning. */
export interface ArenaHandle {
  readonly memory: SharedArrayBuffer;
  readonly shape: ArenaShape;
  /** See Clock. */
  readonly epoch: number;
}

/** One thread's view of the arena. */
export interface Arena extends Tracks {
  readonly shape: ArenaShape;
  readonly layout: ArenaLayout;
  /** The whole arena, for reading and writing blocks. */
  readonly bytes: Buffer;
  readonly slots: Slots;
  readonly seats: Seats;
  readonly completions: (front: FrontIndex) => CompletionQueue;
  readonly doorbell: (front: FrontIndex) => Doorbell;
  readonly slab: (holder: Holder) => Slab;
}

/** How much a server may hold at once. */
export interface ArenaDemand {
  readonly fronts: number;
  readonly seats: number;
  /** Calls that may wait in the queue. */
  readonly waiting: number;
  /** Calls that may be started at once, over all seats. */
  readonly started: number;
}

/** Largest body plus the largest context frame; the size of a large block. */
export const LARGE_BLOCK = 1024 * 1024 + 64 * 1024;
const SMALL_BLOCK = 4 * 1024;
const MEDIUM_BLOCK = 64 * 1024;

const powerOfTwoAbove = (value: number): number => 2 ** (32 - Math.clz32(value));

/** The shape that serves a demand: a small block for every slot, fewer of the larger ones. */
export function shapeFor(demand: ArenaDemand): ArenaShape {
  const slotsPerFront = Math.min(demand.waiting + demand.started + 64, Math.floor(0xffff / demand.fronts));
  const slots = slotsPerFront * demand.fronts;
  const classes: SizeClass[] = [
    { size: SMALL_BLOCK, count: slots + 256 },
    { size: MEDIUM_BLOCK, count: 256 },
    { size: LARGE_BLOCK, count: 32 },
  ];
  return {
    fronts: demand.fronts,
    slotsPerFront,
    seats: demand.seats,
    // Twice, so that entries of withdrawn calls do not fill it at once.
    submissionCells: powerOfTwoAbove(2 * slots),
    completionCells: powerOfTwoAbove(slotsPerFront),
    classes,
  };
}

/** Allocates a zeroed arena; pages nobody touches cost no memory. */
export function createArena(shape: ArenaShape, epoch: number): ArenaHandle {
  return { memory: new SharedArrayBuffer(layoutOf(shape).byteLength), shape, epoch };
}

/** This thread's view of the arena. `atomics` is replaced by tests only. */
export function attachArena(handle: ArenaHandle, atomics: AtomicsSeam = Atomics): Arena {
  const { memory, shape } = handle;
  const layout = layoutOf(shape);
  const words = new Int32Array(memory);
  const slots = new Slots(words, layout.slot, atomics);
  const track = (index: number): Track => {
    const ring = layout.submission + index * layout.submissionStride;
    const gate = layout.gate + index * layout.gateStride;
    return {
      submissions: new SubmissionQueue(new Ring(words, ring, shape.submissionCells, atomics), slots),
      parking: new Parking(words, { gate, seat: layout.seat }, shape.seats, atomics),
    };
  };
  return {
    shape,
    layout,
    bytes: Buffer.from(memory),
    slots,
    seats: new Seats(words, layout.seat, atomics),
    common: track(TRACK.common),
    heavy: track(TRACK.heavy),
    completions: (front) =>
      new CompletionQueue(
        new Ring(words, layout.completion + front * layout.completionStride, shape.completionCells, atomics),
      ),
    doorbell: (front) => new Doorbell(words, layout.front + front * layout.frontStride, atomics),
    slab: (holder) => new Slab(words, layout, shape, holder, atomics),
  };
}
