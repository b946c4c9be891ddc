/**
 * What a plugin does with Coze's events, as one more tool of it: so events wait, run, end and are counted like calls.
 * Its name is none that a path could have.
 */
import type { CozeEvent } from '../src/plugin/plugin.ts';
import { EVENT_TOOL } from '../src/wire/catalogue.ts';
import type { DeclaredPlugin } from './declared-plugin.ts';
import { compileTool, type LoadedTool } from './load-plugin.ts';
import { asRecord } from './members.ts';
import type { SchemaCompiler } from './schema.ts';

const text = { type: 'string' };

/** Undefined: the plugin wants no events. */
export function eventTool(
  { manifest, onEvent }: DeclaredPlugin,
  compiler: SchemaCompiler,
): LoadedTool | undefined {
  if (onEvent === undefined) return undefined;
  return compileTool(
    manifest.name,
    {
      name: EVENT_TOOL,
      summary: 'Gets an event.',
      timeoutMs: undefined,
      idempotent: false,
      input: {
        type: 'object',
        properties: { id: text, type: text, payload: { type: 'object' } },
        required: ['id', 'payload'],
      },
      output: { type: 'object', additionalProperties: false },
      examples: undefined,
      isAsync: true,
      stream: undefined,
      native: { method: 'POST', path: '/', pathArguments: [], queryArguments: [] },
      execute: async (input, ctx) => {
        await onEvent(asEvent(input), ctx);
        return {};
      },
    },
    compiler,
  );
}

/** Its schema has been checked. */
function asEvent(input: unknown): CozeEvent {
  const { id, type, payload } = asRecord(input, 'the event');
  return {
    id: String(id),
    type: typeof type === 'string' ? type : undefined,
    payload: asRecord(payload, 'the payload'),
  };
}
