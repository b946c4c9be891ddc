/** Tools as their plugins declare them, with nothing special about them. */
import type { ToolManifest } from '../../src/wire/catalogue.ts';

const ANYTHING = { type: 'object' } as const;

/** Takes and gives any object. */
export function toolManifest(name: string, own: Partial<ToolManifest> = {}): ToolManifest {
  return {
    name,
    summary: name,
    timeoutMs: undefined,
    idempotent: false,
    input: ANYTHING,
    output: ANYTHING,
    native: { method: 'POST', path: `/${name}`, pathArguments: [], queryArguments: [] },
    isStreaming: false,
    ...own,
  };
}
