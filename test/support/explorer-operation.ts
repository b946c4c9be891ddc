/**
 * One step through the seam as a value, and what it does to memory. The step is what the explorer
 * schedules: everything between two of them belongs to the first.
 */
import type { Memories, Memory } from './explorer-memory.ts';

export type Operation =
  | { readonly kind: 'load'; readonly index: number }
  | { readonly kind: 'store' | 'add' | 'or' | 'and'; readonly index: number; readonly value: number }
  | {
      readonly kind: 'compareExchange';
      readonly index: number;
      readonly expected: number;
      readonly replacement: number;
    }
  | { readonly kind: 'wait'; readonly index: number; readonly value: number }
  | { readonly kind: 'notify'; readonly index: number; readonly count: number };

/** What the thread is told. */
export type Result = number | 'ok' | 'not-equal' | 'timed-out';

/** Memory after the step and the step's result; waiting and waking are the scheduler's, not memory's. */
export interface Effect {
  readonly memory: Memory;
  readonly result: number;
}

type MemoryOperation = Exclude<Operation, { kind: 'wait' | 'notify' }>;

export function perform(operation: MemoryOperation, memory: Memory, memories: Memories): Effect {
  const before = memory.word(operation.index);
  const write = (value: number): Memory => memories.write(memory, operation.index, value);
  switch (operation.kind) {
    case 'load':
      return { memory, result: before };
    case 'store':
      return { memory: write(operation.value), result: operation.value };
    case 'add':
      return { memory: write((before + operation.value) | 0), result: before };
    case 'or':
      return { memory: write(before | operation.value), result: before };
    case 'and':
      return { memory: write(before & operation.value), result: before };
    case 'compareExchange':
      return {
        memory: before === operation.expected ? write(operation.replacement) : memory,
        result: before,
      };
    default:
      return operation satisfies never;
  }
}

const hex = (value: number): string =>
  Math.abs(value) < 1000 ? `${value}` : `0x${(value >>> 0).toString(16)}`;

/** A step in a schedule that is shown to a person. `result` undefined: the thread sleeps. */
export function describe(
  operation: Operation,
  result: Result | undefined,
  name: (index: number) => string,
): string {
  const { kind, index, ...operands } = operation;
  const values = Object.values(operands).map((value) => ` ${hex(value)}`);
  const outcome = typeof result === 'number' ? hex(result) : (result ?? 'asleep');
  return `${kind} ${name(index)}${values.join('')} → ${outcome}`;
}
