/**
 * A submission queue and the workers that serve it: they claim from this queue alone, and sleep where those who put
 * something into it look for them.
 *
 * All calls go through the common track and all workers serve it, but while long calls of one plugin meet short
 * ones of another: then some workers serve the heavy track, and the long calls go there. A worker leaves one track
 * before it joins the other:
 *
 *   front                                   worker
 *   1. say so in the seat's command word    1. see it, at the top of its loop or in the last look before it sleeps
 *   2. wake the worker                      2. turn away from the old track, and look whether calls wait there
 *   3. put calls into the new queue         3. attend to the new one, and look into its queue
 *
 * A call that comes before the worker's third step finds nobody attentive and nobody parked; the worker finds the
 * call. In the old track it is as with a worker that turns away for a long call. So each track on its own keeps
 * the promise of parking.ts.
 */
import type { SeatIndex } from '../core/brand.ts';
import type { Parking } from './parking.ts';
import type { SubmissionQueue } from './submission-queue.ts';

export interface Track {
  readonly submissions: SubmissionQueue;
  readonly parking: Parking;
}

export interface Tracks {
  /** Of all calls, mostly. */
  readonly common: Track;
  /** Of long calls that would be in the way of others. */
  readonly heavy: Track;
}

export type TrackName = keyof Tracks;

/** Wakes the worker if it is parked, whichever its track is; ring its port as well, it may sit in its event loop. */
export function wakeSeat({ common, heavy }: Tracks, seat: SeatIndex): void {
  common.parking.wake(seat);
  heavy.parking.wake(seat);
}

/** See Parking. */
export function turnSeatAway({ common, heavy }: Tracks, seat: SeatIndex): void {
  common.parking.turnAway(seat);
  heavy.parking.turnAway(seat);
}

/** See Parking. */
export function forgetSeat({ common, heavy }: Tracks, seat: SeatIndex): void {
  common.parking.forget(seat);
  heavy.parking.forget(seat);
}
