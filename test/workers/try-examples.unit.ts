import { type Test, test } from 'tap';
import type { LoadedTool } from '../../workers/load-plugin.ts';
import { readExamples, tryExample } from '../../workers/try-examples.ts';
import { callContext } from '../support/call-context.ts';
import { plainTool } from '../support/plain-tool.ts';

/** A tool that gives this, for inputs with `n` and outputs without `bad`. */
function tool(execute: LoadedTool['execute']): LoadedTool {
  return {
    plugin: 'sample',
    name: 'double',
    summary: 'Double.',
    timeoutMs: undefined,
    idempotent: false,
    checkInput: (value) => (Object.hasOwn(Object(value), 'n') ? undefined : '"parameters.n" is required'),
    checkOutput: (value) => (Object.hasOwn(Object(value), 'bad') ? '"bad" is not allowed' : undefined),
    execute,
    isAsync: false,
    ...plainTool,
  };
}

/** Runs one example of a tool. */
async function run(execute: LoadedTool['execute'], example: object): Promise<string | undefined> {
  const [read] = readExamples([example], 'tools.double');
  if (read === undefined) throw new Error('no example');
  return tryExample(tool(execute), read, callContext());
}

const refuses = (
  t: Test,
  execute: LoadedTool['execute'],
  example: object,
  message: string,
): Promise<unknown> => t.rejects(run(execute, example), { message });

const sorry = (): Error => new Error('the service is down');

test('a tool without examples has none', async (t) => {
  t.strictSame(readExamples(undefined, 'tools.double'), []);
});

test('examples of the wrong shape are named', async (t) => {
  const wrong: readonly [examples: unknown, message: string][] = [
    [{}, 'tools.double.examples must be an array'],
    [[3], 'tools.double.examples[0] must be an object, not number'],
    [[{ input: {} }, { n: 1 }], 'tools.double.examples[1].input must be an object, not undefined'],
    [[{ input: { n: 1n } }], 'tools.double.examples[0] is not JSON: Do not know how to serialize a BigInt'],
  ];
  for (const [examples, message] of wrong)
    t.throws(() => readExamples(examples, 'tools.double'), { message });
});

test('an example holds when the answer’s JSON is the declared output', async (t) => {
  t.equal(
    await run(async () => ({ b: new Date(0), a: 1, c: undefined }), {
      input: { n: 1 },
      output: { a: 1, b: '1970-01-01T00:00:00.000Z' },
    }),
    undefined,
  );
});

test('without a declared output any answer holds that matches the schema', async (t) => {
  t.equal(await run(() => ({ anything: 1 }), { input: { n: 1 } }), undefined);
  await refuses(
    t,
    () => ({ bad: 1 }),
    { input: { n: 1 } },
    'tools.double.examples[0]: the answer does not match the output schema: "bad" is not allowed',
  );
});

test('another answer than the declared output is refused with the difference', (t) =>
  refuses(
    t,
    () => ({ twice: 4 }),
    { input: { n: 1 }, output: { twice: 2 } },
    'tools.double.examples[0] is not what it gives: the answer.twice is 4, not 2',
  ));

test('an input outside its schema is refused', (t) =>
  refuses(
    t,
    () => ({}),
    { input: {} },
    'tools.double.examples[0] does not match the input schema: "parameters.n" is required',
  ));

test('a returned error is a warning without a declared output, and refused with one', async (t) => {
  t.equal(
    await run(sorry, { input: { n: 1 } }),
    'tools.double.examples[0] was answered with an error: the service is down',
  );
  await refuses(
    t,
    sorry,
    { input: { n: 1 }, output: {} },
    'tools.double.examples[0] was answered with an error: the service is down',
  );
});

test('a thrown error is refused and kept as the cause', async (t) => {
  const cause = new RangeError('too far');
  await t.rejects(
    run(
      () => {
        throw cause;
      },
      { input: { n: 1 } },
    ),
    { message: 'tools.double.examples[0] threw: too far', cause },
  );
});

test('a tool cannot change its examples', async (t) => {
  const input = { n: 1 };
  await run(
    (given) => {
      Object.assign(Object(given), { n: 2 });
      return {};
    },
    { input },
  );
  t.strictSame(input, { n: 1 });
});
