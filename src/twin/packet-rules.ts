/**
 * The rules for the packets of a streaming tool, https://docs.coze.cn (streaming plugins). A stream is a row of
 * messages, each a row of packets with the same stream_id:
 *
 *   message   packet   is_last_packet_in_msg   is_last_msg   is_finish
 *   a         1        false                   false         false
 *   a         last     true                    false         false
 *   b, last   1        false                   true          false
 *   b, last   last     true                    true          true
 */
import { CallFailure } from './call-failure.ts';
import type { StreamEvent } from './event-stream.ts';
import { isObject, type Json, type JsonObject, parseJson } from './json.ts';

/** Documented as 250 KB; the smaller reading is the safe one. */
export const LARGEST_PACKET_BYTES = 250_000;

const FLAGS = ['is_finish', 'is_last_msg', 'is_last_packet_in_msg'] as const;
const NUMBERS: readonly (readonly [name: string, allowed: readonly number[]])[] = [
  ['output_mode', [0, 1]],
  ['return_type', [0, 1]],
  ['content_type', [0]],
  ['context_mode', [0, 1]],
];
const KNOWN: ReadonlySet<string> = new Set([
  'stream_id',
  'content',
  'ext',
  ...FLAGS,
  ...NUMBERS.map(([name]) => name),
]);

interface Message {
  readonly id: string;
  readonly isLast: boolean;
  readonly outputMode: Json | undefined;
  isComplete: boolean;
}

/** Follows one stream. Throws a CallFailure, code BAD_STREAM, at the first packet that breaks a rule. */
export class PacketRules {
  private readonly notes: Set<string>;
  private readonly done = new Set<string>();
  private message: Message | undefined;
  private isFinished = false;
  private count = 0;

  constructor(notes: Set<string>) {
    this.notes = notes;
  }

  get packets(): number {
    return this.count;
  }

  /** The text of the packet. */
  take(event: StreamEvent): string {
    this.count += 1;
    if (this.isFinished) throw this.broken('comes after the one that said is_finish');
    if (event.bytes > LARGEST_PACKET_BYTES) throw this.broken(`has more than ${LARGEST_PACKET_BYTES} bytes`);
    if (event.id === undefined || event.id === '') throw this.broken('has no id');
    if (event.event === undefined || event.event === '') throw this.broken('has no event');
    const data = parseJson(event.data ?? '');
    if (!isObject(data)) throw this.broken('has no JSON object as data');
    const text = this.checkShape(data);
    this.follow(data);
    return text;
  }

  /** When the connection has ended. `pending`: bytes of a packet that is not complete. */
  end(pending: number): void {
    if (pending > 0) throw new CallFailure('BAD_STREAM', 'the stream ends within a packet');
    if (this.count === 0) throw new CallFailure('BAD_STREAM', 'the stream ends without a packet');
    if (!this.isFinished) throw new CallFailure('BAD_STREAM', 'the stream ends without is_finish');
  }

  private checkShape(data: JsonObject): string {
    for (const flag of FLAGS) {
      if (typeof data[flag] !== 'boolean') throw this.broken(`has ${flag} that is not true or false`);
    }
    for (const [name, allowed] of NUMBERS) {
      const value = data[name];
      if (value !== undefined && !allowed.some((one) => one === value)) {
        throw this.broken(`has ${name} that is not ${allowed.join(' or ')}`);
      }
    }
    const { ext, content } = data;
    if (ext !== undefined && !(isObject(ext) && Object.values(ext).every((one) => typeof one === 'string'))) {
      throw this.broken('has ext that is no object of texts');
    }
    if (typeof content !== 'string' || content === '')
      throw this.broken('has empty content, so the agent says nothing');
    for (const name of Object.keys(data)) {
      if (!KNOWN.has(name)) this.notes.add(`packets have ${name}, which Coze does not know`);
    }
    return content;
  }

  /** Where in its message, and in the stream, the packet stands. */
  private follow(data: JsonObject): void {
    const {
      stream_id: id,
      is_last_msg: isLast,
      is_last_packet_in_msg: isComplete,
      output_mode: outputMode,
    } = data;
    if (typeof id !== 'string' || id === '') throw this.broken('has no stream_id');
    if (this.message?.id !== id) {
      if (this.message && !this.message.isComplete)
        throw this.broken('has a new stream_id before is_last_packet_in_msg');
      if (this.message?.isLast) throw this.broken('has a new stream_id after a message with is_last_msg');
      if (this.done.has(id)) throw this.broken('has the stream_id of a message that is complete');
      this.done.add(id);
      this.message = { id, isLast: isLast === true, outputMode, isComplete: false };
    } else if (this.message.isComplete) throw this.broken('has the stream_id of a message that is complete');
    if (this.message.isLast !== isLast) throw this.broken('changes is_last_msg within a message');
    if (this.message.outputMode !== outputMode) throw this.broken('changes output_mode within a message');
    this.message.isComplete = isComplete === true;
    this.isFinished = data['is_finish'] === true;
    if (this.isFinished !== (isLast === true && isComplete === true)) {
      throw this.broken('has is_finish that does not agree with is_last_msg and is_last_packet_in_msg');
    }
  }

  private broken(reason: string): CallFailure {
    return new CallFailure('BAD_STREAM', `packet ${this.count} ${reason}`);
  }
}
