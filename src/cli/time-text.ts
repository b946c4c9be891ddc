/** Times as people read them. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long something took: `412 ms`, `3.1 s`, `2 min 5 s`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < MINUTE) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / MINUTE)} min ${Math.floor(seconds % MINUTE)} s`;
}

/** How long ago an ISO time was, in one unit: `12 s`, `5 min`, `3 h`, `9 d`. `now` is in ms as `Date.now()`. */
export function ageText(iso: string, now: number): string {
  // The server's clock may be ahead of ours.
  const seconds = Math.max(0, Math.floor((now - Date.parse(iso)) / 1000));
  if (Number.isNaN(seconds)) return '-';
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  return `${Math.floor(seconds / DAY)} d`;
}
