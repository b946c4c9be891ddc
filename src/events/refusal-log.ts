/**
 * Why events were refused, for the owner of the server. Anybody can send such requests, so there is a ceiling.
 */
import type { Log, LogFields } from '../core/log.ts';

/** Lines per second; the rest is counted and told. */
const LINES_PER_SECOND = 10;

export class RefusalLog {
  private readonly log: Log;
  private second = 0;
  private lines = 0;

  constructor(log: Log) {
    this.log = log;
  }

  /** `now` in ms. */
  line(fields: LogFields, now: number): void {
    const second = Math.floor(now / 1000);
    if (second !== this.second) {
      const dropped = this.lines - LINES_PER_SECOND;
      if (dropped > 0)
        this.log.warn(`${dropped} refused events not logged: more than ${LINES_PER_SECOND} in a second`);
      this.second = second;
      this.lines = 0;
    }
    this.lines++;
    if (this.lines <= LINES_PER_SECOND) this.log.warn('event refused', fields);
  }
}
