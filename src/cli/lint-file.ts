/** One OpenAPI document in a file. */
import { open } from 'node:fs/promises';
import { lintText } from '../openapi/lint/lint-text.ts';
import { LARGEST_SOURCE } from '../openapi/lint/read-source.ts';
import { violationLine } from './lint-lines.ts';
import { type Linted, unreadable } from './lint-result.ts';

export async function lintFile(file: string): Promise<Linted> {
  let text: string;
  try {
    text = await readBounded(file);
  } catch (error) {
    return unreadable(file, 'unknown', `${file} cannot be read: ${reasonOf(error)}`);
  }
  const violations = lintText(text);
  return {
    name: file,
    kind: 'file',
    findings: violations.map(({ path, rule, severity, what, line, column }) => ({
      path: path.join('.'),
      rule,
      severity,
      what,
      line,
      column,
    })),
    lines: violations.map((one) => violationLine(file, one, process.stdout)),
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isFolder = 'code' in error && error.code === 'EISDIR';
  return isFolder
    ? 'it is a folder. Name a plugin, of the folder that --plugins says, or a document'
    : error.message;
}

/** No more than shows that it is too large: a device has no end. */
async function readBounded(file: string): Promise<string> {
  await using handle = await open(file);
  const bytes = Buffer.alloc(LARGEST_SOURCE + 1);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.toString('utf8', 0, filled);
}
