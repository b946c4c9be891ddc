/**
 * Does once, while nobody waits, what the first plugin of a thread would have to wait for: Node loads its TypeScript
 * stripper when the first file needs it, and ajv compiles the schema of schemas when the first schema is checked.
 */
import { stripTypeScriptTypes } from 'node:module';
import { SchemaCompiler } from './schema.ts';

/** Blocks its thread for a tenth of a second or so. */
export function warmUp(): void {
  const { emitWarning } = process;
  // The function is called experimental; what the loader does with the same code is not.
  process.emitWarning = () => undefined;
  try {
    stripTypeScriptTypes('');
  } finally {
    process.emitWarning = emitWarning;
  }
  new SchemaCompiler().compile({ type: 'object' }, '');
}
