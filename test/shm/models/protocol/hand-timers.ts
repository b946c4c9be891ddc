/** The timers of one thread under exploration: they go off when the model says so. */
export class HandTimers {
  private intervals: (() => void)[] = [];
  private immediates: (() => void)[] = [];

  /** Runs `work` with these timers in place of the real ones. */
  during<T>(work: () => T): T {
    const { setInterval, clearInterval, setImmediate } = globalThis;
    Object.assign(globalThis, {
      setInterval: (callback: () => void) => {
        this.intervals.push(callback);
        return { callback, unref: nothing };
      },
      clearInterval: (timer: { readonly callback: () => void } | undefined) => {
        this.intervals = this.intervals.filter((callback) => callback !== timer?.callback);
      },
      setImmediate: (callback: () => void) => this.immediates.push(callback),
    });
    try {
      return work();
    } finally {
      Object.assign(globalThis, { setInterval, clearInterval, setImmediate });
    }
  }

  /** One period of every interval has passed. */
  tick(): void {
    for (const callback of this.intervals) callback();
  }

  /** What was put off until the end of this turn of the event loop. */
  endTurn(): void {
    for (const callback of this.immediates.splice(0)) callback();
  }

  /** How many of each are set; for telling states apart. */
  toString(): string {
    return `${this.intervals.length} ${this.immediates.length}`;
  }
}

function nothing(): void {}
