/**
 * What the compiler knows of a plugin: this file is a test because it compiles. Each `@ts-expect-error` is an
 * error the compiler must find; `npm run types` fails where it does not.
 */
import { definePlugin } from 'hotlane/plugin';
import { test } from 'tap';
import { Type } from 'typebox';
import { callContext } from '../support/call-context.ts';

/** True exactly when both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
function holds<Claim extends true>(claim: Claim = true as Claim): void {
  void claim;
}

const about = { name: 'typed', version: '1.0.0', description: 'Typed.' };
const anything = { type: 'object' } as const;

test('input and answer of a literal schema are inferred', async (t) => {
  const plugin = definePlugin({
    ...about,
    tools: {
      greet: {
        summary: 'Greet.',
        input: {
          type: 'object',
          properties: {
            name: { type: 'string' },
            times: { type: 'integer' },
            style: { type: 'string', enum: ['short', 'long'] },
            tags: { type: 'array', items: { type: 'string' } },
          },
          required: ['name', 'style'],
          additionalProperties: false,
        },
        output: {
          type: 'object',
          properties: { text: { type: 'string' }, count: { type: 'number' } },
          required: ['text'],
          additionalProperties: false,
        },
        execute({ name, times, style, tags }, ctx) {
          holds<Same<typeof name, string>>();
          holds<Same<typeof times, number | undefined>>();
          holds<Same<typeof style, 'short' | 'long'>>();
          holds<Same<typeof tags, string[] | undefined>>();
          holds<Same<typeof ctx.userId, string | undefined>>();
          holds<Same<typeof ctx.signal, AbortSignal>>();
          return { text: `${style} ${name}`, count: times ?? 1 };
        },
      },
    },
  });
  const answer = await plugin.tools.greet.execute({ name: 'Li', style: 'short' }, callContext());
  t.strictSame(answer, { text: 'short Li', count: 1 });
  // @ts-expect-error `style` is required.
  await plugin.tools.greet.execute({ name: 'Li' }, callContext());
  // @ts-expect-error `style` is one of two words.
  await plugin.tools.greet.execute({ name: 'Li', style: 'loud' }, callContext());
});

test('input and answer of a TypeBox schema are inferred', async (t) => {
  const plugin = definePlugin({
    ...about,
    tools: {
      add: {
        summary: 'Add.',
        input: Type.Object({
          a: Type.Number(),
          b: Type.Optional(Type.Number()),
          mode: Type.Enum(['fast', 'exact']),
        }),
        output: Type.Object({ sum: Type.Number() }),
        async execute({ a, b, mode }) {
          holds<Same<typeof a, number>>();
          holds<Same<typeof b, number | undefined>>();
          holds<Same<typeof mode, 'fast' | 'exact'>>();
          return { sum: a + (b ?? 0) };
        },
      },
    },
  });
  t.strictSame(await plugin.tools.add.execute({ a: 1, b: 2, mode: 'fast' }, callContext()), { sum: 3 });
});

test('each tool has types of its own', async (t) => {
  const plugin = definePlugin({
    ...about,
    tools: {
      one: {
        summary: 'One.',
        input: { type: 'object', properties: { x: { type: 'string' } }, required: ['x'] },
        output: anything,
        execute: ({ x }) => ({ length: x.length }),
      },
      two: {
        summary: 'Two.',
        input: Type.Object({ x: Type.Boolean() }),
        output: anything,
        execute: ({ x }) => ({ not: !x }),
      },
    },
  });
  t.strictSame(plugin.tools.one.execute({ x: 'abc' }, callContext()), { length: 3 });
  t.strictSame(plugin.tools.two.execute({ x: true }, callContext()), { not: false });
});

test('a wrong answer is a compile error, an Error is none', async (t) => {
  const output = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } as const;
  const plugin = definePlugin({
    ...about,
    tools: {
      // @ts-expect-error The schema says that `n` is a number.
      wrong: { summary: 'Wrong.', input: anything, output, execute: () => ({ n: 'one' }) },
      // @ts-expect-error The schema says that `n` is required.
      missing: { summary: 'Missing.', input: anything, output, execute: () => ({}) },
      // @ts-expect-error The same in a promise.
      late: { summary: 'Late.', input: anything, output, execute: async () => ({ n: 'one' }) },
      refuses: { summary: 'Refuses.', input: anything, output, execute: () => new RangeError('no') },
      sometimes: {
        summary: 'Sometimes.',
        input: anything,
        output,
        execute: async () => (Date.now() > 0 ? { n: 1 } : new Error('no')),
      },
    },
  });
  t.strictSame(await plugin.tools.sometimes.execute({}, callContext()), { n: 1 });
});

test('examples are held to the schemas', async (t) => {
  const plugin = definePlugin({
    ...about,
    tools: {
      echo: {
        summary: 'Echo.',
        input: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
        output: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
        examples: [
          { input: { n: 1 }, output: { n: 1 } },
          { input: { n: 2 } },
          // @ts-expect-error Not what the schema says.
          { input: { n: 'three' } },
        ],
        execute: ({ n }) => ({ n }),
      },
    },
  });
  t.equal(plugin.tools.echo.examples?.length, 3);
});

test('a plugin lacks nothing that the host asks for', async (t) => {
  // @ts-expect-error There is no version.
  const noVersion = definePlugin({ name: 'x', description: 'x', tools: {} });
  const noSummary = definePlugin({
    ...about,
    tools: {
      // @ts-expect-error There is no summary.
      x: { input: anything, output: anything, execute: () => ({}) },
    },
  });
  const noExecute = definePlugin({
    ...about,
    tools: {
      // @ts-expect-error There is no execute.
      x: { summary: 'X.', input: anything, output: anything },
    },
  });
  t.strictSame(
    [noVersion, noSummary, noExecute].map((plugin) => typeof plugin),
    ['object', 'object', 'object'],
  );
});

test('definePlugin gives back the very object it was given', async (t) => {
  const plugin = { ...about, tools: {} };
  t.equal(definePlugin(plugin), plugin);
});
