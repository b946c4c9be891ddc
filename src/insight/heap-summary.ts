/**
 * What takes the most of a heap, read from a .heapsnapshot in one pass and without holding it: of the numbers that make
 * up its nodes only sums are kept. In the order of the file:
 *
 *   {"snapshot":{"meta":{"node_fields":[…],"node_types":[[…],…],…},…},"nodes":[…],"edges":[…],…,"strings":[…]}
 */
import { createReadStream } from 'node:fs';

export interface HeapShare {
  /** Name of a constructor, or of a kind of V8's own things in brackets. */
  readonly name: string;
  readonly objects: number;
  /** Without what they refer to. */
  readonly bytes: number;
  /** Of all, 0 … 1. */
  readonly share: number;
}

/** The largest first. Rejects when the file is no heap snapshot. */
export async function largestInHeap(file: string, most: number): Promise<HeapShare[]> {
  const reader = new SnapshotReader();
  for await (const chunk of createReadStream(file, { highWaterMark: 2 ** 20 })) reader.read(chunk);
  return reader.largest(most);
}

/** Kinds of nodes whose name is that of their constructor; of the others it is the content of a string, or the like. */
const NAMED = new Set(['object', 'native', 'closure']);
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const BRACKET = 0x5d;

type Stage = 'head' | 'nodes' | 'between' | 'strings';

class SnapshotReader {
  private stage: Stage = 'head';
  /** Text of the head, of the strings, or what may be the beginning of the mark that is looked for. */
  private text: Buffer[] = [];
  private types: readonly string[] = [];
  private width = 0;
  private readonly at = { type: 0, name: 0, size: 0 };
  private field = 0;
  private value = 0;
  private row: number[] = [];
  /** By kind and name. */
  private readonly sums = new Map<number, { objects: number; bytes: number }>();

  read(chunk: Buffer): void {
    let rest: Buffer | undefined = chunk;
    while (rest !== undefined && rest.length > 0) rest = this.readStage(rest);
  }

  private readStage(chunk: Buffer): Buffer | undefined {
    switch (this.stage) {
      case 'head':
        return this.passMark(chunk, '"nodes":[', (head) => this.readHead(head));
      case 'nodes':
        return this.readNodes(chunk);
      case 'between':
        return this.passMark(chunk, '"strings":[', () => {
          this.stage = 'strings';
        });
      case 'strings':
        this.text.push(chunk);
        return undefined;
    }
  }

  /** Looks for a mark that may be split over chunks; what comes before is kept for the head alone. */
  private passMark(chunk: Buffer, mark: string, found: (before: string) => void): Buffer | undefined {
    const all = Buffer.concat([...this.text, chunk]);
    const at = all.indexOf(mark);
    if (at === -1) {
      this.text = [this.stage === 'head' ? all : all.subarray(-mark.length)];
      return undefined;
    }
    this.text = [];
    found(all.toString('utf8', 0, at));
    return all.subarray(at + mark.length);
  }

  private readHead(head: string): void {
    // The head breaks off before the nodes: closed here, it is an object of its own.
    const { snapshot } = JSON.parse(`${head.trimEnd().replace(/,$/, '')}}`);
    const fields: readonly string[] = snapshot.meta.node_fields;
    this.types = snapshot.meta.node_types[0];
    this.width = fields.length;
    this.at.type = fields.indexOf('type');
    this.at.name = fields.indexOf('name');
    this.at.size = fields.indexOf('self_size');
    this.stage = 'nodes';
  }

  private readNodes(chunk: Buffer): Buffer | undefined {
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] ?? 0;
      if (byte >= ZERO && byte <= NINE) {
        this.value = this.value * 10 + (byte - ZERO);
      } else if (byte === COMMA || byte === BRACKET) {
        this.endField();
        if (byte === BRACKET) {
          this.stage = 'between';
          return chunk.subarray(index + 1);
        }
      }
    }
    return undefined;
  }

  private endField(): void {
    this.row[this.field] = this.value;
    this.value = 0;
    this.field++;
    if (this.field < this.width) return;
    this.field = 0;
    const type = this.row[this.at.type] ?? 0;
    const isNamed = NAMED.has(this.types[type] ?? '');
    // Of the others all of a kind are counted together: names are never negative, so no number is used twice.
    const key = isNamed ? (this.row[this.at.name] ?? 0) : -1 - type;
    const sum = this.sums.get(key) ?? { objects: 0, bytes: 0 };
    sum.objects++;
    sum.bytes += this.row[this.at.size] ?? 0;
    this.sums.set(key, sum);
  }

  largest(most: number): HeapShare[] {
    if (this.stage !== 'strings') throw new Error('this is no heap snapshot, or it breaks off');
    const closed = Buffer.concat(this.text).toString().trimEnd().replace(/\}$/, '');
    const strings: readonly string[] = JSON.parse(`[${closed}`);
    const total = [...this.sums.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    return [...this.sums]
      .toSorted(([, a], [, b]) => b.bytes - a.bytes)
      .slice(0, most)
      .map(([key, { objects, bytes }]) => ({
        name: key < 0 ? `(${this.types[-1 - key]})` : (strings[key] ?? '?'),
        objects,
        bytes,
        share: total === 0 ? 0 : bytes / total,
      }));
  }
}
