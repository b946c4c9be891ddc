/**
 * Where every byte of the arena lies. No logic beyond arithmetic: read this before any algorithm.
 *
 *   one SharedArrayBuffer
 *   ┌──────────────────────────────────────────────────────────────────────────────────────────────┐
 *   │ gate            1 line    which workers are parked, which attentive; see parking.ts   × tracks  │
 *   │ submission ring head line │ tail line │ one word per cell                             × tracks  │
 *   │ completion ring head line │ tail line │ one word per cell                       × fronts       │
 *   │ front           1 line    asleep                                                × fronts       │
 *   │ seat            2 lines   what one worker thread is doing                       × seats        │
 *   │ slot            2 lines   one call's descriptor                                 × slots        │
 *   │ holders         1 word    who holds the block                                   × blocks       │
 *   ├───── page boundary ──────────────────────────────────────────────────────────────────────────┤
 *   │ small blocks    4 KiB     │ medium blocks 64 KiB │ large blocks 1 MiB + 64 KiB                 │
 *   └──────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 *   slot, 32 words of 4 bytes, two cache lines
 *     0 state          phase:3 seat:8 generation:21            see state-word.ts   raced, through the seam
 *     1 cancelled      generation + 1 of the call nobody waits for, 0 = none       raced, through the seam
 *     2 tool           ToolId                                  ┐
 *     3 requestBlock   BlockIndex, or -1: bytes are with the   │ written by the front before the slot is
 *                      front, ask for them by message          │ QUEUED, read by the worker that claimed it
 *     4 contextLength  bytes of the context frame at 0         │
 *     5 bodyLength     bytes of the body right behind it       │
 *     6 deadline       Millis                                  │
 *     7 submittedAt    Micros                                  │
 *     8 sequence       number of the call, for made ids        │
 *     9 contract       see wire/contract.ts                    ┘
 *    16 status         HTTP status of the reply                ┐
 *    17 replyBlock     BlockIndex, or -1: bytes come by message│ written by the worker before the slot is
 *    18 replyLength    bytes                                   │ DONE, read by the front
 *    19 claimedAt      Micros                                  │
 *    20 outcome        see wire/outcome.ts                    │
 *    21 version        VersionId whose code answered, 0: none │
 *    22 parse          microseconds of each phase in the      │
 *    23 validate       worker, see wire/phases.ts; only where │
 *    24 run            phases are measured                    │
 *    25 encode                                                │
 *    26 cost           microseconds calls of this tool keep   │
 *                      the thread on average, 0: unknown      ┘
 *
 *   Two lines, because the worker writes its reply fields while the front may still be writing the next
 *   slot's request fields: neighbours on one line would slow each other down.
 */

export const WORD = 4;
/** Bytes of a cache line on x64 and on most arm64. */
export const LINE = 64;
const LINE_WORDS = LINE / WORD;

export const SLOT_WORDS = 32;
export const SLOT = {
  state: 0,
  cancelled: 1,
  tool: 2,
  requestBlock: 3,
  contextLength: 4,
  bodyLength: 5,
  deadline: 6,
  submittedAt: 7,
  sequence: 8,
  contract: 9,
  status: 16,
  replyBlock: 17,
  replyLength: 18,
  claimedAt: 19,
  outcome: 20,
  version: 21,
  parse: 22,
  validate: 23,
  run: 24,
  encode: 25,
  cost: 26,
} as const;

export const SEAT_WORDS = 32;
export const SEAT = {
  /** 0 awake, 1 parked in Atomics.wait, 2 parked in the event loop. Raced. */
  parked: 0,
  /** Bits set for the worker: 1 = drain (stop claiming), 2 = serve the heavy track. Raced. */
  command: 1,
  /** Grows by one whenever a started call of this seat is cancelled. Raced. */
  cancellations: 2,
  /** Grows whenever the serve loop has control: the heartbeat. Written by the worker. */
  turns: 16,
  /** Slot index + 1 of the call whose synchronous part runs now, 0 = none. Written by the worker. */
  running: 17,
} as const;

/**
 * The gate: for each 16 seats one word, raced. Bit n: parked, clearing it is taking the right, and the duty,
 * to wake that worker. Bit 16 + n: attentive, that worker is sure to look at the queue within moments, so no
 * wake-up is needed while there is one. Waking turns the one into the other, hence both in the same word.
 */
export const GATE = {
  seatsPerWord: 16,
  attentive: 16,
  /** Its last word: microseconds a call keeps a worker busy on average. Written by any worker, a hint. */
  callCost: 8,
} as const;

/** Submission queues, each with the workers that serve it; see track.ts. */
export const TRACK = { common: 0, heavy: 1 } as const;
const TRACKS = Object.keys(TRACK).length;

/** So many the words of the gate have room for. */
export const MOST_SEATS = GATE.seatsPerWord * GATE.callCost;

/** Blocks of one size class. */
export interface SizeClass {
  /** Bytes of one block. */
  readonly size: number;
  readonly count: number;
}

/** The numbers everything else follows from. Plain data: it travels to each worker with the buffer. */
export interface ArenaShape {
  readonly fronts: number;
  /** Slots per front. */
  readonly slotsPerFront: number;
  /** Worker seats, at most 128. */
  readonly seats: number;
  /** Cells of each submission ring, a power of two, more than all slots. */
  readonly submissionCells: number;
  /** Cells of each completion ring, a power of two, more than the slots of one front. */
  readonly completionCells: number;
  /** Ascending sizes. */
  readonly classes: readonly SizeClass[];
}

/** Word or byte offsets of each region, derived from the shape. */
export interface ArenaLayout {
  /** Words. The first gate and the first submission ring; those of the next track lie so many words on. */
  readonly gate: number;
  readonly gateStride: number;
  readonly submission: number;
  readonly submissionStride: number;
  /** First completion ring; the next one lies `completionStride` words on. */
  readonly completion: number;
  readonly completionStride: number;
  readonly front: number;
  readonly frontStride: number;
  readonly seat: number;
  readonly slot: number;
  readonly holders: number;
  /** Byte offset of each size class's first block. */
  readonly classStart: readonly number[];
  readonly blocks: number;
  readonly byteLength: number;
}

/** Words in front of a ring's cells: a line for the head, a line for the tail. */
export const RING = { head: 0, tail: LINE_WORDS, cells: 2 * LINE_WORDS } as const;

const PAGE = 4096;
const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;

/** Computes the layout; throws RangeError on a shape that cannot work. */
export function layoutOf(shape: ArenaShape): ArenaLayout {
  const slots = shape.fronts * shape.slotsPerFront;
  if (shape.seats < 1 || shape.seats > MOST_SEATS) {
    throw new RangeError(`seats must be 1 to ${MOST_SEATS}, not ${shape.seats}`);
  }
  if (slots > 0xffff) throw new RangeError(`at most 65535 slots fit a ring cell, not ${slots}`);
  for (const [cells, atLeast] of [
    [shape.submissionCells, slots],
    [shape.completionCells, shape.slotsPerFront],
  ] as const) {
    if ((cells & (cells - 1)) !== 0 || cells <= atLeast) {
      throw new RangeError(`a ring needs a power of two above ${atLeast} cells, not ${cells}`);
    }
  }
  let smaller = 0;
  for (const { size } of shape.classes) {
    if (size <= smaller || size % WORD !== 0) {
      throw new RangeError(`block sizes must ascend in whole words, not ${size} after ${smaller}`);
    }
    smaller = size;
  }
  let at = 0;
  const region = (words: number): number => {
    const start = at;
    at += roundUp(words, LINE_WORDS);
    return start;
  };
  const blocks = shape.classes.reduce((sum, { count }) => sum + count, 0);
  const completionStride = roundUp(RING.cells + shape.completionCells, LINE_WORDS);
  const submissionStride = roundUp(RING.cells + shape.submissionCells, LINE_WORDS);
  const gate = region(LINE_WORDS * TRACKS);
  const submission = region(submissionStride * TRACKS);
  const completion = region(completionStride * shape.fronts);
  const front = region(LINE_WORDS * shape.fronts);
  const seat = region(SEAT_WORDS * shape.seats);
  const slot = region(SLOT_WORDS * slots);
  const holders = region(blocks);
  let bytes = roundUp(at * WORD, PAGE);
  const classStart: number[] = [];
  for (const { size, count } of shape.classes) {
    classStart.push(bytes);
    bytes += size * count;
  }
  return {
    gate,
    gateStride: LINE_WORDS,
    submission,
    submissionStride,
    completion,
    completionStride,
    front,
    frontStride: LINE_WORDS,
    seat,
    slot,
    holders,
    classStart,
    blocks,
    byteLength: bytes,
  };
}
