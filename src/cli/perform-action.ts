/** `hotlane reload`, `rollback`, `activate`, `deactivate`, `unload`: has a running server act, and waits for the end. */
import type { Manifest } from '../config/manifest.ts';
import type { ActionReport } from '../reload/control.ts';
import { adminAddress } from './admin-address.ts';
import { ask, type Question } from './admin-client.ts';
import { isReport } from './admin-shapes.ts';
import { EXIT } from './exit-codes.ts';
import { showProgress } from './progress.ts';
import { readReply } from './read-reply.ts';
import { reportText } from './reload-lines.ts';
import type { ShowFlags } from './show-plugins.ts';

export type Action =
  /** Of all plugins where none is named. */
  | { readonly verb: 'reload'; readonly plugin: string | undefined }
  /** To the last good version where no hash is given. */
  | { readonly verb: 'rollback'; readonly plugin: string; readonly hash: string | undefined }
  | { readonly verb: 'activate' | 'deactivate' | 'unload'; readonly plugin: string };

export async function performAction(
  action: Action,
  { json, ...flags }: ShowFlags,
  manifest: Manifest,
): Promise<void> {
  const server = adminAddress(flags, manifest);
  if (server === undefined) return;
  const stopProgress = showProgress(`${action.verb} ${action.plugin ?? ''}`.trimEnd(), process.stderr);
  const leave = (): void => {
    stopProgress();
    process.stderr.write('The server goes on with it; `hotlane plugins` shows how things stand.\n');
    process.exit(EXIT.interrupted);
  };
  process.once('SIGINT', leave);
  const reply = await ask(server, questionOf(action));
  process.off('SIGINT', leave);
  stopProgress();

  const answer = readReply(reply, server, isReport);
  if (answer === undefined) return;
  const report = answer.value;
  process.exitCode = exitCodeOf(report);
  if (json) process.stdout.write(answer.text);
  else {
    const stream = process.exitCode === EXIT.done ? process.stdout : process.stderr;
    stream.write(reportText(report, stream));
  }
}

function questionOf(action: Action): Question {
  const { verb, plugin } = action;
  const path = plugin === undefined ? `/${verb}` : `/plugins/${encodeURIComponent(plugin)}/${verb}`;
  const body = action.verb === 'rollback' && action.hash !== undefined ? { hash: action.hash } : undefined;
  return { method: 'POST', path, ...(body && { body }) };
}

function exitCodeOf({ outcome }: ActionReport): number {
  switch (outcome) {
    case 'rolled':
    case 'done':
    case 'unchanged':
      return EXIT.done;
    case 'rejected':
      return EXIT.rejected;
    case 'rolled-back':
      return EXIT.rolledBack;
    case 'refused':
      return EXIT.refused;
  }
}
