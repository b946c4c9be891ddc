/** A client that asks, stays until the answer is there, and has it judged. */
import { ClientSocket } from './client-socket.ts';
import { judgeCall, type Outcome } from './judge-call.ts';
import type { Ledger } from './ledger.ts';
import { ask, type Called, usualDeadlineMs } from './question.ts';

/** What all clients share. */
export interface Scene {
  readonly port: number;
  readonly ledger: Ledger;
  /** Whether this version of the plugin was ever saved as one that may answer. */
  isGood(plugin: string, version: string): boolean;
  /** From then on nobody asks any more. */
  readonly stop: AbortSignal;
}

/** How a request is sent and its answer read, where not at once. */
export interface Manner {
  readonly name: string;
  /** Ends early when the answer is there. */
  send(socket: ClientSocket, bytes: Buffer, answered: Promise<unknown>): Promise<void>;
}

/** The longest deadline, and what sending and reading slowly take. Whoever has no answer by then gets none. */
export const patienceMs = usualDeadlineMs + 5000;

export class Caller {
  private readonly scene: Scene;
  private socket: ClientSocket | undefined;

  constructor(scene: Scene) {
    this.scene = scene;
  }

  /** Undefined: the server accepts no connection. */
  async call(plugin: Called, manner?: Manner): Promise<Outcome | undefined> {
    const { ledger, isGood } = this.scene;
    const socket = await this.connected();
    if (socket === undefined) return undefined;
    const kind = ledger.asked(plugin, manner?.name);
    const question = ask(plugin, ledger.nextNumber());
    const sentAt = performance.now();
    const answered = socket.expect(patienceMs);
    if (manner === undefined) socket.write(question.bytes);
    else await manner.send(socket, question.bytes, answered);
    const ending = await answered;
    const elapsedMs = performance.now() - sentAt;
    const verdict = judgeCall(question, ending, elapsedMs, (version) => isGood(plugin.name, version));
    ledger.ended(kind, question, verdict, elapsedMs);
    // What was not sent whole, or is read slowly, is of no use to the next call.
    if (manner !== undefined) this.leave();
    return verdict.outcome;
  }

  leave(): void {
    this.socket?.leave();
    this.socket = undefined;
  }

  private async connected(): Promise<ClientSocket | undefined> {
    if (this.socket?.isOpen === true) return this.socket;
    this.socket = await connect(this.scene);
    return this.socket;
  }
}

/** Undefined: the server accepts no connection, which is a fault. */
export async function connect({ port, ledger }: Scene): Promise<ClientSocket | undefined> {
  try {
    return await ClientSocket.open(port, () => ledger.fault('bytes that nobody asked for'));
  } catch (error) {
    ledger.fault(`no connection: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
