/**
 * Which voices may answer the calls of one plugin. A voice is a version, a version that fails, or the refusal
 * while the plugin is deactivated or its calls keep failing.
 *
 * Before something is done, the voices it may bring are announced; when it is over, one remains. A call that
 * was sent after that must be answered by that one. A call sent before may still be answered by another.
 */
export class Lineage {
  /** By voice: until when a call must have been sent to get it; undefined: it may answer now. */
  private readonly retiredAt = new Map<string, number | undefined>();

  /** These may answer as well from now on. */
  announce(...voices: readonly string[]): void {
    for (const voice of voices) this.retiredAt.set(voice, undefined);
  }

  /** From now on only this one; `now` as in `mayAnswer`. */
  only(voice: string, now: number): void {
    for (const [other, retired] of this.retiredAt) {
      if (other !== voice && retired === undefined) this.retiredAt.set(other, now);
    }
    this.announce(voice);
  }

  /** Whether this voice may answer a call sent at that time (of `performance.now()`). */
  mayAnswer(voice: string, sentAt: number): boolean {
    if (!this.retiredAt.has(voice)) return false;
    const retired = this.retiredAt.get(voice);
    return retired === undefined || sentAt <= retired;
  }

  /** Those that may answer now. */
  get voices(): readonly string[] {
    return [...this.retiredAt].filter(([, retired]) => retired === undefined).map(([voice]) => voice);
  }
}

/** The voice while a plugin is deactivated. */
export const inactive = 'inactive';

/** The voice while the circuit is open, as it is soon where most calls fail. */
export const tripped = 'tripped';

/** The voice of a version whose calls fail. */
export function failing(version: string): string {
  return `failing ${version}`;
}
