/**
 * Can a regular expression be made to run for ages by a text it is matched against? The only importer of
 * recheck.
 */
import type { SchemaPattern } from './schema-patterns.ts';

/** Longest shown part of a pattern or an attack string. */
const LONGEST = 100;

/**
 * Rejects with a sentence when the pattern is proven to have a slow text, or nothing is proven within `limitMs`:
 * one slow match blocks its worker, and nobody can tell from outside what it is busy with.
 */
export async function checkPattern({ at, pattern }: SchemaPattern, limitMs: number): Promise<void> {
  // Its default starts a process of its own. Read at each check, and this thread's environment is its own.
  process.env['RECHECK_SYNC_BACKEND'] = 'pure';
  // Loading takes longer than most checks, and many plugins have no pattern.
  const { checkSync } = await import('recheck');
  // ajv compiles patterns with this flag.
  const found = checkSync(pattern, 'u', { timeout: limitMs });
  switch (found.status) {
    case 'safe':
      return;
    case 'vulnerable':
      throw new Error(
        `${at} is slow for some texts (${found.complexity.summary}): ${cut(pattern)} takes ages on ${cut(found.attack.pattern)}`,
      );
    case 'unknown':
      throw new Error(`${at} is not proven to be fast (${found.error.kind}): ${cut(pattern)}`);
    default:
      found satisfies never;
  }
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
