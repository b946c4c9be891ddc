/** From a stack to the line in a plugin's own files, for those who want to know who made something. */
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PluginSource } from '../src/wire/catalogue.ts';
import { realFolder } from './blame.ts';

export interface Site {
  readonly plugin: string;
  /** Such as `remember (index.ts:12)`. */
  readonly where: string;
}

export class LeakSites {
  private readonly roots: readonly { readonly plugin: string; readonly folder: string }[];

  constructor(sources: readonly PluginSource[]) {
    this.roots = sources.map((source) => ({
      plugin: source.name,
      folder: `${realFolder(source)}${sep}`,
    }));
  }

  /** `line` counts from 1. Undefined: not in a plugin's own file. */
  at(url: string, name: string, line: number): Site | undefined {
    const path = url.startsWith('file:') ? fileURLToPath(url) : url;
    const root = this.roots.find(({ folder }) => path.startsWith(folder));
    if (root === undefined) return undefined;
    const file = relative(root.folder, path).replaceAll(sep, '/');
    return { plugin: root.plugin, where: `${name === '' ? '(anonymous)' : name} (${file}:${line})` };
  }

  /** The innermost line of a plugin that leads here. */
  current(): Site | undefined {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 30;
    const { stack = '' } = new Error('where');
    Error.stackTraceLimit = stackTraceLimit;
    for (const { groups } of stack.matchAll(FRAME)) {
      const site = this.at(groups?.url ?? '', groups?.name ?? '', Number(groups?.line));
      if (site !== undefined) return site;
    }
    return undefined;
  }
}

const FRAME = /^ +at (?:async )?(?:(?<name>[^\n]*?) \()?(?<url>(?:file:|\/)[^\n()]*?):(?<line>\d+):\d+\)?$/gm;
