/** Runs one of the generators written for Node in a process of its own. */
import { childOutput } from '../process/child-output.ts';

/**
 * `file` is the process's main module, beside this one. The type of the report is what that module prints:
 * both ends are of one version, so it is not checked again.
 */
export async function runGenerator<Report>(file: string, order: object, seconds: number): Promise<Report> {
  const main = new URL(file, import.meta.url).pathname;
  const output = await childOutput(process.execPath, [main, JSON.stringify(order)], (seconds + 20) * 1000);
  const report: Report = JSON.parse(output);
  return report;
}
