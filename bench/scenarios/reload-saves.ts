/** A plugin that is saved again and again, each time as another version of itself. */
import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineMs } from '../load/machine-clock.ts';

export interface Save {
  /** The plugin's own version: `1.0.7`, the seventh save. */
  readonly version: string;
  /** Just before the file was written, by `machineMs`. */
  readonly atMs: number;
}

const versionLine = /version: '[^']*'/;

export class SavedPlugin {
  private readonly file: string;
  private readonly unfinished: string;
  private readonly source: string;
  private saves = 0;

  /** Puts a copy of the plugin in `from` into the folder `plugins`. */
  constructor(from: string, plugins: string, name: string) {
    const folder = join(plugins, name);
    cpSync(join(from, name), folder, { recursive: true });
    this.file = join(folder, 'index.ts');
    // Hidden files are no part of a plugin.
    this.unfinished = join(folder, '.index.ts.unfinished');
    this.source = readFileSync(this.file, 'utf8');
    if (!versionLine.test(this.source)) throw new Error(`${this.file} does not say its version in one line`);
  }

  /** By turns as editors do it: written in place, and written beside and renamed. */
  save(): Save {
    this.saves += 1;
    const version = versionOf(this.saves);
    const text = this.source.replace(versionLine, `version: '${version}'`);
    const atMs = machineMs();
    if (this.saves % 2 === 1) {
      writeFileSync(this.file, text);
    } else {
      writeFileSync(this.unfinished, text);
      renameSync(this.unfinished, this.file);
    }
    return { version, atMs };
  }

  /**
   * What is wrong with an answer of this version (`1.0.7@3f2a91c0bb12`), or undefined. Where a save waits for the
   * roll of the one before, only the last two may answer.
   */
  versionFault(version: string | undefined): string | undefined {
    const own = version?.split('@')[0];
    if (own === versionOf(this.saves) || own === versionOf(this.saves - 1)) return undefined;
    return `an answer of version ${own ?? 'none'} when ${versionOf(this.saves)} is the newest`;
  }
}

/** The plugins here start as 1.0.0, the version before the first save. */
function versionOf(saves: number): string {
  return `1.0.${saves}`;
}
