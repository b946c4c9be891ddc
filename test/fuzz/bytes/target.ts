/** One thing that reads what others have sent, and what must hold of it for every input. */
import * as fc from 'fast-check';

export interface Search {
  readonly seed: number;
  readonly milliseconds: number;
  /** fast-check's way to one input of this seed. */
  readonly path: string | undefined;
  /** Called before every input. */
  readonly onInput: () => void;
}

export interface Searched {
  readonly inputs: number;
  readonly failure: { readonly what: string; readonly input: string; readonly path: string } | undefined;
}

export interface Target {
  readonly name: string;
  search(search: Search): Searched;
}

/** CPU time one input may take, in milliseconds; bodies of a megabyte take some tens. */
const SLOW_MS = 1000;

/** `check` says what is wrong with an input, undefined: nothing. What it throws is wrong too. */
export function target<Input>(
  name: string,
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => string | undefined,
): Target {
  return {
    name,
    search({ seed, milliseconds, path, onInput }) {
      const property = fc.property(inputs, (input) => {
        onInput();
        const before = process.threadCpuUsage();
        const problem = check(input) ?? pollution();
        if (problem !== undefined) throw new Error(problem);
        const { user, system } = process.threadCpuUsage(before);
        const ms = (user + system) / 1000;
        if (ms > SLOW_MS) throw new Error(`took ${ms.toFixed()} ms of CPU time`);
      });
      const details = fc.check(property, {
        seed,
        numRuns: path === undefined ? 1_000_000_000 : 1,
        interruptAfterTimeLimit: milliseconds,
        ...(path !== undefined && { path }),
      });
      const { numRuns, counterexample, counterexamplePath, errorInstance } = details;
      if (counterexample === null) return { inputs: numRuns, failure: undefined };
      return {
        inputs: numRuns,
        failure: {
          what:
            errorInstance instanceof Error
              ? (errorInstance.stack ?? errorInstance.message)
              : String(errorInstance),
          input: fc.stringify(counterexample[0]),
          path: counterexamplePath ?? '',
        },
      };
    },
  };
}

/** Prototypes that every object shares must stay as they are. */
function pollution(): string | undefined {
  for (const key in {}) {
    Reflect.deleteProperty(Object.prototype, key);
    return `Object.prototype has got "${key}"`;
  }
  return Object.getPrototypeOf(Object.prototype) === null
    ? undefined
    : 'Object.prototype has got a prototype';
}
