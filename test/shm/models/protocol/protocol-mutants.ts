/**
 * Copies of the code with one mistake in what front and worker do with shared memory, made like those of
 * ../mutants.ts, which has the mistakes inside shared memory.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Mutation } from '../mutants.ts';
import type { ProtocolParts } from './protocol-shape.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const CLASSES = [
  ...['completion-queue', 'doorbell', 'parking', 'ring', 'slab', 'slots', 'submission-queue'].map(
    (name) => `src/shm/${name}.ts`,
  ),
  'src/dispatch/dispatcher.ts',
  'workers/runner.ts',
];

const RELATIVE_IMPORT = /from '(\.{1,2}\/[^']+)'/g;

/** Copies these files and what they import. The whole tree would take longer than most mutants are explored. */
async function copyWithImports(files: readonly string[], folder: string): Promise<void> {
  const copied = new Set(files);
  for (const file of copied) {
    const text = await readFile(join(ROOT, file), 'utf8');
    for (const [, path = ''] of text.matchAll(RELATIVE_IMPORT)) copied.add(join(dirname(file), path));
    await mkdir(join(folder, dirname(file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
}

/** Puts the mutant into `folder`, which must be empty and of no further use, and loads it. */
export async function loadProtocolMutant(mutation: Mutation, folder: string): Promise<ProtocolParts> {
  await copyWithImports(CLASSES, folder);
  const path = join(folder, mutation.file);
  let text = await readFile(path, 'utf8');
  for (const [find, replacement] of mutation.edits) {
    if (text.split(find).length !== 2) throw new Error(`${mutation.file} no longer has exactly one: ${find}`);
    text = text.replace(find, () => replacement);
  }
  await writeFile(path, text);
  const load = async (file: string): Promise<unknown> => import(pathToFileURL(join(folder, file)).href);
  return Object.assign({}, ...(await Promise.all(CLASSES.map(load))));
}

export const PROTOCOL_MUTATIONS = {
  answersTheGone: {
    name: 'a client that has left is still waited for',
    file: 'src/dispatch/dispatcher.ts',
    edits: [
      [
        'this.admission.circuits.ignored(slot);\n    this.book.settle(slot);\n    this.abandon(slot, now);',
        'this.admission.circuits.ignored(slot);\n    this.abandon(slot, now);',
      ],
    ],
  },
  reusesStarted: {
    name: 'a slot is put back while a worker has it',
    file: 'src/dispatch/dispatcher.ts',
    edits: [["if (this.queues.withdraw(slot) === 'withdrawn') {", 'if (this.queues.withdraw(slot)) {']],
  },
  staysAwake: {
    name: 'a front does not say asleep again after a death',
    file: 'src/dispatch/dispatcher.ts',
    edits: [['this.answerBell();\n    return { delivered', 'return { delivered']],
  },
  announcesFirst: {
    name: 'a reply is announced before it is handed over',
    file: 'workers/reply-writer.ts',
    edits: [
      [
        "if (slots.commit(slot, seat) === 'revoked') return;\n    const front = this.frontOf(slot);\n    this.completions[front]?.push(slot);",
        "const front = this.frontOf(slot);\n    this.completions[front]?.push(slot);\n    if (slots.commit(slot, seat) === 'revoked') return;",
      ],
    ],
  },
  overwritesRequest: {
    name: 'the reply of a call that may run once more is written over its request',
    file: 'workers/reply-writer.ts',
    edits: [['if (keepsRequest) return', 'if (keepsRequest && body === undefined) return']],
  },
} as const satisfies Readonly<Record<string, Mutation>>;
