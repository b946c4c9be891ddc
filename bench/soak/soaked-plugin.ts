/** The plugins of the soak: what they are asked, what they must answer, and their source, good and bad. */
import { createHash } from 'node:crypto';

/**
 * How a version is made. Those that fail to load or fail their own example must never answer. One that throws does
 * so in every call; one that wears out works at first, so that only its later calls give it away.
 */
export type Make = 'good' | 'syntax' | 'import' | 'example' | 'throws' | 'wears out';

export interface SoakedPlugin {
  /** Also the name of its only tool. */
  readonly name: string;
  /** How often it is called, compared with the others. */
  readonly share: number;
  /** Length of the text in a call. */
  readonly textLength: number;
  /** Lines of the tool's code before its answer. */
  readonly work: string;
  /** What the answer holds beside text and version. */
  readonly result: string;
  /** The same, as it must come out; `seed` is from 0 up to `seeds`. */
  readonly expected: (seed: number, text: string) => Readonly<Record<string, unknown>>;
  /** Its work is over when the tool returns; there is no promise. */
  readonly isSync?: boolean;
  readonly isIdempotent?: boolean;
  /** Deadline of a call in milliseconds, where it is not the server's. */
  readonly timeoutMs?: number;
}

/** Digests are of one of so many seeds, so that the right ones can be known beforehand. */
export const seeds = 64;
/** Longer than a roll usually takes; from then on a version that wears out fails. In milliseconds. */
const wearMs = 1500;
/** Long enough to keep a worker busy for a moment. */
const digestRounds = 200;

const digests = Array.from({ length: seeds }, (_, seed) => digestOf(String(seed)));

/** What `chainedDigest` comes to. */
export function digestOfSeed(seed: number): string | undefined {
  return digests[seed];
}

/** Work that takes about a millisecond: a digest of the seed's digest's digest … */
export const chainedDigest = `let digest = String(seed);
        for (let round = 0; round < ${digestRounds}; round += 1) {
          digest = createHash('sha256').update(digest).digest('hex');
        }`;

export const soakedPlugins: readonly SoakedPlugin[] = [
  { name: 'echo', share: 5, textLength: 100, work: '', result: '', expected: () => ({}) },
  {
    name: 'io',
    share: 3,
    textLength: 100,
    work: 'await new Promise((resolve) => setTimeout(resolve, 5));',
    result: '',
    expected: () => ({}),
  },
  {
    name: 'digest',
    share: 2,
    textLength: 100,
    work: chainedDigest,
    result: ', digest',
    expected: (seed) => ({ digest: digestOfSeed(seed) }),
  },
  { name: 'bulk', share: 1, textLength: 64 * 1024, work: '', result: '', expected: () => ({}) },
];

function digestOf(seed: string): string {
  let digest = seed;
  for (let round = 0; round < digestRounds; round += 1) {
    digest = createHash('sha256').update(digest).digest('hex');
  }
  return digest;
}

export function callPath({ name }: SoakedPlugin): string {
  return `/execute/${name}/${name}`;
}

/** The text of an `index.ts`. Every version says which one it is, in the manifest and in each answer. */
export function sourceOf(plugin: SoakedPlugin, version: string, make: Make): string {
  const answer = `{ text, version${plugin.result} }`;
  const fail = `throw new Error('this version fails');`;
  const wrongExample = `examples: [{ input: { text: 'a' }, output: { text: 'b', version } }],`;
  return `import { createHash, pbkdf2Sync } from 'node:crypto';
import { definePlugin } from 'hotlane/plugin';

const version = '${version}';
const loadedAt = Date.now();
${make === 'syntax' ? 'const = ;' : ''}
${make === 'import' ? `throw new Error('this version cannot be imported');` : ''}

export default definePlugin({
  name: '${plugin.name}',
  version,
  description: 'Is saved again and again.',
  tools: {
    '${plugin.name}': {
      summary: 'Give the text back, and the version.',
      input: {
        type: 'object',
        properties: { text: { type: 'string' }, seed: { type: 'integer', default: 0 } },
        required: ['text'],
        additionalProperties: false,
      },
      output: {
        type: 'object',
        properties: { text: { type: 'string' }, version: { type: 'string' }, digest: { type: 'string' } },
        required: ['text', 'version'],
        additionalProperties: false,
      },
      ${make === 'example' ? wrongExample : ''}
      ${plugin.isIdempotent === true ? 'idempotent: true,' : ''}
      ${plugin.timeoutMs === undefined ? '' : `timeoutMs: ${plugin.timeoutMs},`}
      execute: ${plugin.isSync === true ? '' : 'async '}({ text, seed }) => {
        ${make === 'throws' ? fail : ''}
        ${make === 'wears out' ? `if (Date.now() - loadedAt > ${wearMs}) ${fail}` : ''}
        ${plugin.work}
        return ${answer};
      },
    },
  },
});
`;
}
