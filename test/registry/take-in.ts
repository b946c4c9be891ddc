/**
 * Takes a plugin in without a store, and shows its content.
 */
import { lstatSync } from 'node:fs';
import { basename, parse } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { PluginContent } from '../../src/registry/content.ts';
import { Intake, type Outcome } from '../../src/registry/intake.ts';
import { WriteLocks } from '../../src/registry/write-lock.ts';

export interface Taken {
  readonly outcome: Outcome;
  /** What there was to keep. */
  readonly content: PluginContent | undefined;
}

export const silent = { warn: (): void => undefined };

/** As the settle time: files need not be old at all, whatever the clocks say. */
export const AT_ONCE = -Infinity;

/** An intake for one plugin, and the contents it has had kept, oldest first. */
export function intakeFor(path: string, settleMs = 1): { intake: Intake; kept: PluginContent[] } {
  const file = basename(path);
  const kind = lstatSync(path).isFile() ? 'file' : 'folder';
  const kept: PluginContent[] = [];
  const intake = new Intake(
    { file, kind, name: parse(file).name, path },
    {
      keep: async (content) => {
        kept.push(content);
        const { name, hash, entry } = content;
        return { plugin: name, hash, folder: '/', entry: `/${entry}` };
      },
      settleMs,
      locks: new WriteLocks(60_000, silent),
    },
  );
  return { intake, kept };
}

/** The first outcome that is settled. */
export async function takeIn(path: string): Promise<Taken> {
  const { intake, kept } = intakeFor(path);
  for (let attempt = 0; ; attempt++) {
    const outcome = await intake.take(false);
    if (outcome.state !== 'unsettled' || attempt === 500) return { outcome, content: kept.at(-1) };
    await setTimeout(2);
  }
}

/** The files of a content as text, by path. */
export function textsOf(content: PluginContent | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (content?.files ?? []).map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]),
  );
}
