/** Tells why tokens cannot be had, once a minute for each reason: every call of a plugin runs into the same. */
import type { Log } from '../../core/log.ts';
import type { NotNow } from '../token-service.ts';

const PAUSE = 60_000;

export class Troubles {
  private readonly log: Log;
  /** By code: when it was told last, by performance.now(). */
  private readonly told = new Map<string, number>();

  constructor(log: Log) {
    this.log = log;
  }

  tell({ code, reason }: NotNow): void {
    const now = performance.now();
    const last = this.told.get(code);
    if (last !== undefined && now - last < PAUSE) return;
    this.told.set(code, now);
    this.log.warn("Coze's tokens cannot be had", { code, reason });
  }
}
