/**
 * Copies of src/shm with one mistake in each, made from the real files, so that they change along with
 * them. A model that explores a mutant must find a violation, or it would not have noticed the mistake.
 */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Parts } from './parts.ts';

const SOURCE = fileURLToPath(new URL('../../../src/shm/', import.meta.url));

export interface Mutation {
  /** What the mistake is. */
  readonly name: string;
  readonly file: string;
  /** Text that stands in the file exactly once, and what replaces it. */
  readonly edits: readonly (readonly [find: string, replacement: string])[];
}

/** Puts the mutant into `folder`, which must be empty and of no further use, and loads it. */
export async function loadMutant(mutation: Mutation, folder: string): Promise<Parts> {
  await cp(SOURCE, folder, { recursive: true });
  const path = join(folder, mutation.file);
  let text = await readFile(path, 'utf8');
  for (const [find, replacement] of mutation.edits) {
    if (text.split(find).length !== 2) throw new Error(`${mutation.file} no longer has exactly one: ${find}`);
    text = text.replace(find, () => replacement);
  }
  await writeFile(path, text);
  const load = async (file: string): Promise<unknown> => import(pathToFileURL(join(folder, file)).href);
  const modules = await Promise.all(
    ['completion-queue', 'doorbell', 'parking', 'ring', 'slab', 'slots', 'submission-queue'].map((name) =>
      load(`${name}.ts`),
    ),
  );
  return Object.assign({}, ...modules);
}

export const MUTATIONS = {
  lapUnchecked: {
    name: 'offer does not check that the cell still has the lap before',
    file: 'ring.ts',
    edits: [['if (cell >>> 16 !== ((lap - 1) & this.lapMask)) continue;', '']],
  },
  tailFirst: {
    name: 'offer moves tail before it fills the cell',
    file: 'ring.ts',
    edits: [
      [
        'if (atomics.compareExchange(words, at, cell, (lap << 16) | entry) === cell) {\n        atomics.compareExchange(words, this.tailAt, tail, (tail + 1) | 0);\n',
        'if (atomics.compareExchange(words, this.tailAt, tail, (tail + 1) | 0) === tail) {\n        atomics.store(words, at, (lap << 16) | entry);\n',
      ],
    ],
  },
  fullUnchecked: {
    name: 'offer overwrites entries nobody has passed',
    file: 'ring.ts',
    edits: [
      ['if (((tail - this.passed) | 0) > this.mask) {', 'if (((tail - this.passed) | 0) > this.mask + 4) {'],
    ],
  },
  tailNotHelped: {
    name: 'offer waits for the other producer to move tail',
    file: 'ring.ts',
    edits: [
      ['atomics.compareExchange(words, this.tailAt, tail, (tail + 1) | 0);\n        continue;', 'continue;'],
    ],
  },
  headStored: {
    name: 'pass stores head, perhaps moving it back',
    file: 'ring.ts',
    edits: [
      [
        'this.atomics.compareExchange(this.words, this.headAt, this.seen, (this.seen + 1) | 0);',
        'this.atomics.store(this.words, this.headAt, (this.seen + 1) | 0);',
      ],
    ],
  },
  emptyUnchecked: {
    name: 'peek reports empty without looking whether head has moved',
    file: 'ring.ts',
    edits: [['if (atomics.load(words, this.headAt) === head) return EMPTY;', 'return EMPTY;']],
  },
  passedFirst: {
    name: 'a consumer passes the entry before it claims the slot',
    file: 'submission-queue.ts',
    edits: [
      [
        'const outcome = this.slots.claim(slot, seat);\n      this.ring.pass();',
        'this.ring.pass();\n      const outcome = this.slots.claim(slot, seat);',
      ],
    ],
  },
  offeredFirst: {
    name: 'the entry is written before the slot is QUEUED',
    file: 'submission-queue.ts',
    edits: [
      [
        "this.slots.submit(slot);\n    if (this.ring.offer(slot) === 'stored') return 'pushed';",
        "const stored = this.ring.offer(slot) === 'stored';\n    this.slots.submit(slot);\n    if (stored) return 'pushed';",
      ],
    ],
  },
  refusedQueued: {
    name: 'a call refused as full stays QUEUED',
    file: 'submission-queue.ts',
    edits: [["return this.slots.withdraw(slot) === 'withdrawn' ? 'full' : 'pushed';", "return 'full';"]],
  },
  trimsAll: {
    name: 'trim drops entries that still wait',
    file: 'submission-queue.ts',
    edits: [['|| isWaiting(entry as SlotIndex)) return;', '|| !isWaiting(entry as SlotIndex)) return;']],
  },
  claimStored: {
    name: 'claim stores instead of exchanging',
    file: 'slots.ts',
    edits: [
      [
        'return this.atomics.compareExchange(this.words, at, word, claimed(word, seat)) === word',
        'return this.atomics.store(this.words, at, claimed(word, seat)) !== word',
      ],
    ],
  },
  withdrawStored: {
    name: 'withdraw stores instead of exchanging',
    file: 'slots.ts',
    edits: [
      [
        'return this.atomics.compareExchange(this.words, at, word, nextGeneration(word)) === word',
        'return this.atomics.store(this.words, at, nextGeneration(word)) !== word',
      ],
    ],
  },
  reclaimsOthers: {
    name: 'reclaim takes slots of living workers as well',
    file: 'slots.ts',
    edits: [
      [
        "if (phaseOf(word) !== PHASE.CLAIMED || seatOf(word) !== seat) return 'not-held';",
        "if (phaseOf(word) !== PHASE.CLAIMED) return 'not-held';",
      ],
    ],
  },
  flagStays: {
    name: 'submit leaves an old cancellation in the slot',
    file: 'slots.ts',
    edits: [['if (this.atomics.load(this.words, at + SLOT.cancelled) !== 0) {', 'if (false) {']],
  },
  flagWithoutGeneration: {
    name: 'a cancellation hits whatever call the slot has now',
    file: 'slots.ts',
    edits: [
      ['return flag !== 0 && flag === generationOf(this.state(slot)) + 1;', 'return flag !== 0;'],
      ['if (this.atomics.load(this.words, at + SLOT.cancelled) !== 0) {', 'if (false) {'],
    ],
  },
  ringsTwice: {
    name: 'two workers ring for the same sleep',
    file: 'doorbell.ts',
    edits: [
      [
        'this.atomics.compareExchange(this.words, this.at, ASLEEP, AWAKE) === ASLEEP',
        'this.atomics.store(this.words, this.at, AWAKE) === AWAKE',
      ],
    ],
  },
  neverAsleep: {
    name: 'a worker declares the front awake before it looks whether it slept',
    file: 'doorbell.ts',
    edits: [
      [
        'this.atomics.load(this.words, this.at) === ASLEEP &&',
        'this.atomics.store(this.words, this.at, AWAKE) === AWAKE &&',
      ],
    ],
  },
  modeOverwritten: {
    name: 'a late waker overwrites how the worker sleeps',
    file: 'parking.ts',
    edits: [
      [
        'this.atomics.compareExchange(this.words, at, PARKED.blocked, PARKED.awake);',
        'this.atomics.store(this.words, at, PARKED.awake);',
      ],
    ],
  },
  attentiveLate: {
    name: 'the attentive bit is set after the token was taken, not with it',
    file: 'parking.ts',
    edits: [
      ['const turned = (gate & ~bit) | (bit << GATE.attentive);', 'const turned = gate & ~bit;'],
      [
        'const at = this.parkedAt(seat);\n    if (',
        'const at = this.parkedAt(seat);\n    this.attend(seat);\n    if (',
      ],
    ],
  },
  notMarkedAwake: {
    name: 'a waker notifies without changing the word the sleeper waits on',
    file: 'parking.ts',
    edits: [['this.atomics.compareExchange(this.words, at, PARKED.blocked, PARKED.awake);', '']],
  },
  parksAttentive: {
    name: 'a worker parks with its attentive bit set',
    file: 'parking.ts',
    edits: [
      [
        'this.clear(attentiveBit(seat), seat);\n    this.atomics.store(this.words, this.parkedAt(seat), mode);',
        'this.atomics.store(this.words, this.parkedAt(seat), mode);',
      ],
    ],
  },
  deadAttentive: {
    name: 'a dead worker stays attentive',
    file: 'parking.ts',
    edits: [
      ['this.clear(attentiveBit(seat) | parkedBit(seat), seat);', 'this.clear(parkedBit(seat), seat);'],
    ],
  },
  grabStored: {
    name: 'a block is taken by a store',
    file: 'slab.ts',
    edits: [
      [
        'this.atomics.compareExchange(this.words, at, 0, this.holder) === 0',
        'this.atomics.store(this.words, at, this.holder) !== 0',
      ],
    ],
  },
  reclaimsAll: {
    name: 'reclaim frees blocks of living holders',
    file: 'slab.ts',
    edits: [
      [
        'if (this.atomics.compareExchange(this.words, this.holdersAt + block, dead, 0) === dead) freed++;',
        'if (this.atomics.store(this.words, this.holdersAt + block, 0) !== dead) freed++;',
      ],
    ],
  },
} as const satisfies Readonly<Record<string, Mutation>>;
