/**
 * When a queued call needs a worker to be woken, and which. A wake-up costs more than an empty call, so none is made
 * that somebody awake makes unnecessary.
 */
import type { SeatIndex } from '../core/brand.ts';
import type { Track } from '../shm/track.ts';
import { BELL, type LaneToWorker } from '../wire/to-worker.ts';

/**
 * Microseconds of work ahead of the attentive workers before another one is woken. Waking one for less costs
 * more than it saves: on two cores a third busy thread only takes turns with the others.
 */
const WAKE_AHEAD = 1000;
/** Calls in flight up to which the work ahead is not even looked at. */
const FEW_CALLS = 16;
/** Calls queued in one turn of the event loop after which the wake-up no longer waits for its end. */
const WAKE_BATCH = 16;

export class WakeUps {
  private readonly track: Track;
  private readonly post: (seat: SeatIndex, message: LaneToWorker) => void;
  /** Calls queued since the last wake-up while no worker was attentive. */
  private unattended = 0;
  private isDue = false;

  constructor(track: Track, post: (seat: SeatIndex, message: LaneToWorker) => void) {
    this.track = track;
    this.post = post;
  }

  /**
   * A call was queued; `inFlight` are there now. Where somebody awake will look, nothing need be done. Else a worker
   * is woken, but not for the first of many: the front reads all sockets that are ready before it comes to
   * anything else, and one wake-up for what they bring costs as much as one for a single call.
   */
  queued(inFlight: number): void {
    const { parking, submissions } = this.track;
    if (parking.anyAttentive()) {
      if (inFlight <= FEW_CALLS || !parking.anyParked()) return;
      // What is in flight may wait; how much of it does is a look at what workers write for every call.
      if (parking.workAhead(inFlight) <= WAKE_AHEAD) return;
      if (parking.workAhead(submissions.depth()) > WAKE_AHEAD) this.wakeOne();
      return;
    }
    // All compute: each looks by itself when it is done.
    if (!parking.anyParked()) return;
    this.unattended++;
    if (this.unattended >= WAKE_BATCH) this.wakeOne();
    else if (!this.isDue) {
      this.isDue = true;
      setImmediate(this.afterTurn);
    }
  }

  /** After the sockets of this turn of the event loop. */
  private readonly afterTurn = (): void => {
    this.isDue = false;
    this.unattended = 0;
    this.wakeIfUnattended();
  };

  /** Calls wait, and nobody is sure to look. */
  wakeIfUnattended(): void {
    const { parking, submissions } = this.track;
    if (!parking.anyAttentive() && !submissions.isEmpty()) this.wakeOne();
  }

  /**
   * Calls still wait after a while. They wait on a worker that was expected to look soon and does not: it met a
   * call longer than its tool's calls usually are.
   */
  rescue(): void {
    if (!this.track.submissions.isEmpty()) this.wakeOne();
  }

  private wakeOne(): void {
    this.unattended = 0;
    const wake = this.track.parking.wakeOne();
    if (wake.kind === 'ring') this.post(wake.seat, BELL);
  }

  /** This worker, if it sleeps on this track, has something to see to that is not in the queue. */
  alert(seat: SeatIndex): void {
    // Blocked workers hold no started calls, so the bell reaches whoever has one, once its loop turns.
    this.track.parking.wake(seat);
    this.post(seat, BELL);
  }
}
