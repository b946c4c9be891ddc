/** Judges candidates, a few at a time: each takes a thread and its memory. */
import type { Probe } from '../probe/probe.ts';
import type { PluginSource } from '../wire/catalogue.ts';
import type { Unfit, Verdict } from '../wire/probe-messages.ts';
import type { Problem } from './control.ts';

/** Probe threads at once. */
const AT_ONCE = 2;

export class Judge {
  private readonly probe: Pick<Probe, 'judge'>;
  private running = 0;
  private readonly queue: (() => void)[] = [];

  constructor(probe: Pick<Probe, 'judge'>) {
    this.probe = probe;
  }

  /** Never rejects. */
  async judge(source: PluginSource): Promise<Verdict> {
    if (this.running >= AT_ONCE) {
      await new Promise<void>((resolve) => {
        this.queue.push(resolve);
      });
    }
    this.running++;
    const verdict = await this.probe.judge({ source });
    this.running--;
    this.queue.shift()?.();
    return verdict;
  }
}

/** A verdict as operators see it. */
export function problemOf({ step, reason, file, line, column, frame }: Unfit): Problem {
  return { step, reason, file, line, column, frame };
}
