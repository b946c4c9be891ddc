/** A plugin as source text, with parts replaced. Its one tool gives back its `n` and tells which version did. */

export interface GreeterParts {
  readonly name?: string;
  /** Lines before everything else. */
  readonly top?: string;
  /** The tool's input schema, its function, its examples: each as code. */
  readonly input?: string;
  readonly execute?: string;
  readonly examples?: string;
  /** The plugin's `init`, as code. */
  readonly init?: string;
  /** The tool's name. */
  readonly tool?: string;
}

/** JavaScript of a module, for `index.mjs`. */
export function greeter(
  version: string,
  {
    name = 'greet',
    top = '',
    input = "{ type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }",
    execute = `({ n }) => ({ n, from: '${version}' })`,
    examples = '[]',
    init = '() => undefined',
    tool = 'hello',
  }: GreeterParts = {},
): string {
  return `${top}
export default {
  name: '${name}',
  version: '${version}',
  description: 'Greets.',
  init: ${init},
  tools: {
    ${tool}: {
      summary: 'Say hello.',
      input: ${input},
      output: { type: 'object', properties: { n: { type: 'integer' }, from: { type: 'string' } } },
      examples: ${examples},
      execute: ${execute},
    },
  },
};
`;
}
