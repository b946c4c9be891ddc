/** Versions of the gate plugin, whose calls last until the test lets them go: see ../support/gate.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIXTURE_PLUGINS } from '../support/server.ts';
import type { Files } from './reloading-server.ts';

const read = (file: string): string => readFileSync(join(FIXTURE_PLUGINS, 'gate', file), 'utf8');

export interface GateEdits {
  /** Instead of `spin`. */
  readonly secondTool?: string;
  /** Statements that `pass` ends with, once its gate is open. */
  readonly last?: string;
  /** Deadline of `pass`, in ms. */
  readonly timeoutMs?: number;
}

/** The plugin's files in a plugin folder. */
export function gatekeeper(
  version: string,
  { secondTool = 'spin', last = '', timeoutMs }: GateEdits = {},
): Files {
  const limit = timeoutMs === undefined ? '' : `timeoutMs: ${timeoutMs},`;
  const code = read('index.ts')
    .replace("version: '1.0.0'", `version: '${version}'`)
    .replace('    spin: {', `    ${secondTool}: {`)
    .replace('    pass: {', `    pass: {${limit}`)
    .replace('return { label };', `${last} return { label };`);
  return { 'gate/index.ts': code, 'gate/events.ts': read('events.ts') };
}
