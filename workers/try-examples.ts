/**
 * Runs a tool's examples as real calls: input checked, tool run, answer checked and encoded.
 */
import type { CallContext } from '../src/plugin/plugin.ts';
import { encodeResult } from './encode-reply.ts';
import { firstDifference } from './first-difference.ts';
import type { LoadedTool } from './load-plugin.ts';
import { asRecord } from './members.ts';
import { messageOf } from './thrown.ts';

export interface Example {
  /** Such as `tools.get.examples[0]`. */
  readonly at: string;
  readonly input: unknown;
  /** Undefined: the answer depends on the outside world. */
  readonly output: unknown;
}

/** `at`: the tool. Throws a sentence when `examples` is not what the plugin API describes. */
export function readExamples(examples: unknown, at: string): readonly Example[] {
  if (examples === undefined) return [];
  if (!Array.isArray(examples)) throw new TypeError(`${at}.examples must be an array`);
  return examples.map((example: unknown, index) => {
    const place = `${at}.examples[${index}]`;
    const { input, output } = asRecord(example, place);
    return {
      at: place,
      input: asJson(asRecord(input, `${place}.input`), place),
      output: asJson(output, place),
    };
  });
}

/**
 * Rejects with a sentence when the example does not hold. An Error the tool returns is an answer, but not the one
 * declared, so it is only a warning (the resolved text) where no output is declared.
 */
export async function tryExample(
  tool: LoadedTool,
  { at, input, output }: Example,
  ctx: CallContext,
): Promise<string | undefined> {
  const problem = tool.checkInput(input);
  if (problem !== undefined) throw new Error(`${at} does not match the input schema: ${problem}`);
  let result: unknown;
  try {
    result = await tool.execute(input, ctx);
  } catch (error) {
    throw new Error(`${at} threw: ${messageOf(error)}`, { cause: error });
  }
  const encoded = encodeResult(result, {
    requestId: ctx.requestId,
    tool,
    isStreamed: false,
    shown: (all) => all,
  });
  if (encoded.kind === 'fault') throw new Error(`${at}: ${encoded.reason}`);
  if (result instanceof Error) {
    const answer = `${at} was answered with an error: ${messageOf(result)}`;
    if (output === undefined) return answer;
    throw new Error(answer);
  }
  const { data } = asRecord(JSON.parse(encoded.body), 'the answer');
  const difference = output === undefined ? undefined : firstDifference(data, output, 'the answer');
  if (difference !== undefined) throw new Error(`${at} is not what it gives: ${difference}`);
  return undefined;
}

/** As it would arrive or leave: the plugin gets no object of its own, and what JSON cannot carry is gone. */
function asJson(value: unknown, at: string): unknown {
  if (value === undefined) return undefined;
  try {
    return JSON.parse(JSON.stringify(value));
  } catch (error) {
    throw new TypeError(`${at} is not JSON: ${messageOf(error)}`, { cause: error });
  }
}
