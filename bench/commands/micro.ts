/** `micro`: the dispatcher alone, part by part and as a hop between two threads; and authentication. */
import { authParts } from '../micro/auth.ts';
import { type Hop, messageHop, sharedMemoryHop } from '../micro/hop.ts';
import { type Part, parts } from '../micro/parts.ts';
import { spreadOf } from '../report/spread.ts';
import { textTable } from '../report/text-table.ts';
import { type Command, UsageError } from './command.ts';

const ROUNDS = 7;
const PART_TIMES = 200_000;
const WARM_UP = 50_000;
/** Calls under way at once, and calls in a round. */
const HOPS = [
  { atOnce: 1, calls: 5_000 },
  { atOnce: 64, calls: 100_000 },
] as const;

const help = `Measures the dispatcher alone: its parts in one thread, then the hop to another thread and back. And what it
costs to ask who may call.

Usage: npm run bench -- micro [--auth] [--json]

  --auth   authentication only
  --json   print every reading instead of the table

All readings come from one run, taken in turns. The hop is measured through a MessagePort as well, for comparison.`;

interface Row {
  readonly name: string;
  /** Nanoseconds per operation, one reading per round. */
  readonly readings: number[];
}

export const micro: Command = {
  name: 'micro',
  summary: 'the dispatcher alone: queues, slab, and the hop between threads; authentication',
  help,
  run: async (args) => {
    const unknown = args.find((arg) => arg !== '--json' && arg !== '--auth');
    if (unknown !== undefined) throw new UsageError(`micro does not know ${unknown}`);
    const rows = [...(args.includes('--auth') ? [] : await dispatcherRows()), ...measureParts(authParts())];
    if (args.includes('--json')) console.log(JSON.stringify(rows, null, 2));
    else print(rows);
    return 0;
  },
};

async function dispatcherRows(): Promise<readonly Row[]> {
  return [...measureParts(parts()), ...(await measureHops([await sharedMemoryHop(), await messageHop()]))];
}

function measureParts(all: readonly Part[]): readonly Row[] {
  for (const { run, prepare, times = WARM_UP } of all) {
    prepare?.(times);
    run(times);
  }
  const rows = all.map(({ name }): Row => ({ name, readings: [] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, { run, prepare, times = PART_TIMES }] of all.entries()) {
      prepare?.(times);
      const start = performance.now();
      run(times);
      rows[index]?.readings.push(((performance.now() - start) * 1e6) / times);
    }
  }
  for (const { close } of all) close?.();
  return rows;
}

async function measureHops(hops: readonly Hop[]): Promise<readonly Row[]> {
  const cases = HOPS.flatMap((load) => hops.map((hop) => ({ hop, ...load })));
  const rows = cases.map(
    ({ hop, atOnce }): Row => ({ name: `hop, ${atOnce} at once: ${hop.name}`, readings: [] }),
  );
  for (const { run } of hops) await run(WARM_UP, 64);
  for (let round = 0; round < ROUNDS; round++) {
    process.stderr.write(`hops: round ${round + 1} of ${ROUNDS}\n`);
    for (const [index, { hop, calls, atOnce }] of cases.entries()) {
      const start = performance.now();
      await hop.run(calls, atOnce);
      rows[index]?.readings.push(((performance.now() - start) * 1e6) / calls);
    }
  }
  for (const { close } of hops) await close();
  return rows;
}

function whole(value: number | undefined): string {
  return (value ?? Number.NaN).toFixed(0);
}

function print(rows: readonly Row[]): void {
  const cells = rows.map(({ name, readings }) => {
    const spread = spreadOf(readings);
    return [name, whole(spread?.median), `${whole(spread?.min)}..${whole(spread?.max)}`];
  });
  const columns = [
    { title: 'part', align: 'left' },
    { title: 'ns each, median', align: 'right' },
    { title: 'range', align: 'right' },
  ] as const;
  for (const line of textTable(columns, cells)) console.log(line);
}
