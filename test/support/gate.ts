/**
 * The test's side of the gate plugin: sees which calls have been entered, and lets them go.
 */
import { BroadcastChannel } from 'node:worker_threads';
import { CHANNEL, type GateEvent, type GateOrder } from '../fixtures/plugins/gate/events.ts';

export class Gate {
  /** Everything the plugin has told, oldest first. */
  readonly events: GateEvent[] = [];
  private readonly channel = new BroadcastChannel(CHANNEL);
  private arrived = Promise.withResolvers<void>();

  constructor() {
    this.channel.addEventListener('message', (message) => {
      if (!(message instanceof MessageEvent)) return;
      const event: GateEvent | GateOrder = message.data;
      if (event.type === 'open') return;
      this.events.push(event);
      this.arrived.resolve();
      this.arrived = Promise.withResolvers();
    });
  }

  /** Lets every call of this label go that has been entered. */
  open(label: string): void {
    this.channel.postMessage({ type: 'open', label } satisfies GateOrder);
  }

  /** How many calls with this label have been run. */
  entries(label: string): number {
    return this.events.filter((event) => event.type === 'entered' && event.label === label).length;
  }

  /** Resolves once `count` calls with this label have been entered. */
  async entered(label: string, count = 1): Promise<void> {
    while (this.entries(label) < count) await this.arrived.promise;
  }

  /** Resolves when a call with this label has seen its signal, with the name of the signal's reason. */
  async aborted(label: string): Promise<string> {
    for (;;) {
      for (const event of this.events) {
        if (event.type === 'aborted' && event.label === label) return event.why;
      }
      await this.arrived.promise;
    }
  }

  /** Must be called, or the process stays. */
  close(): void {
    this.channel.close();
  }
}
