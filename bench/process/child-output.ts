/** Runs a program to its end and hands back what it printed. */
import { spawn } from 'node:child_process';
import { owned } from './owned.ts';

/**
 * Rejects, with the end of its standard error, when the program fails or is still running after
 * `timeoutMs` (it is killed then). `onStart` gets its process id.
 */
export async function childOutput(
  command: string,
  args: readonly string[],
  timeoutMs: number,
  onStart?: (pid: number) => void,
): Promise<string> {
  const child = owned(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000);
  });
  try {
    if (child.pid !== undefined) onStart?.(child.pid);
    const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, signal) => resolve(exit ?? signal));
    });
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors.trim()}`);
    return output;
  } finally {
    clearTimeout(timer);
  }
}
