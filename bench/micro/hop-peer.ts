/** The other thread of a hop: answers every call with its own bytes. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { FrontIndex, SeatIndex, SlotIndex } from '../../src/core/brand.ts';
import { type ArenaHandle, attachArena } from '../../src/shm/arena.ts';
import { SLOT } from '../../src/shm/layout.ts';
import { PARKED } from '../../src/shm/parking.ts';
import { EMPTY } from '../../src/shm/ring.ts';
import { SUCCESS } from '../../src/wire/outcome.ts';
import { BELL } from '../../src/wire/to-worker.ts';

export type HopPeerData =
  | { readonly kind: 'shared memory'; readonly arena: ArenaHandle; readonly port: MessagePort }
  | { readonly kind: 'messages'; readonly port: MessagePort };

const SEAT = 0 as SeatIndex;
const FRONT = 0 as FrontIndex;
/** How long it looks before it sleeps, as the workers do, in ms. */
const LINGER = 0.01;

const data: HopPeerData = workerData;
parentPort?.postMessage('ready');
switch (data.kind) {
  case 'messages':
    data.port.on('message', (bytes: Uint8Array) => data.port.postMessage(bytes));
    break;
  case 'shared memory':
    serve(data.arena, data.port);
    break;
  default:
    data satisfies never;
}

/** Never returns: the thread is terminated from outside. */
function serve(handle: ArenaHandle, port: MessagePort): void {
  const { common, slots, completions, doorbell } = attachArena(handle);
  const { submissions, parking } = common;
  const replies = completions(FRONT);
  const bell = doorbell(FRONT);
  const answer = (slot: SlotIndex): void => {
    slots.setField(slot, SLOT.status, 200);
    slots.setField(slot, SLOT.outcome, SUCCESS);
    slots.setField(slot, SLOT.replyBlock, slots.field(slot, SLOT.requestBlock));
    slots.setField(slot, SLOT.replyLength, slots.field(slot, SLOT.bodyLength));
    slots.commit(slot, SEAT);
    replies.push(slot);
    if (bell.mustRing()) port.postMessage(BELL);
  };
  parking.attend(SEAT);
  for (;;) {
    const until = performance.now() + LINGER;
    do {
      for (let slot = submissions.claim(SEAT); slot !== EMPTY; slot = submissions.claim(SEAT)) answer(slot);
    } while (performance.now() < until);
    parking.park(SEAT, PARKED.blocked);
    if (submissions.isEmpty()) parking.sleep(SEAT, 10);
    parking.unpark(SEAT);
  }
}
