/** Runs the real executable. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const executable = fileURLToPath(new URL('../../src/cli/hotlane.js', import.meta.url));

export interface Run {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `hotlane` to its end. The environment holds nothing but `env`. */
export async function hotlane(
  args: readonly string[],
  { env = {}, cwd = '/' }: { readonly env?: Record<string, string>; readonly cwd?: string } = {},
): Promise<Run> {
  const child = spawn(process.execPath, [executable, ...args], { env, cwd, timeout: 30_000 });
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { exitCode, stdout, stderr };
}
