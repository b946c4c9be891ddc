/** A plugin's file, saved as other versions. */
import { mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Make, type SoakedPlugin, sourceOf } from './soaked-plugin.ts';

export interface Saved {
  readonly version: string;
  /** Just before the file was written, by `Date.now()`. */
  readonly at: number;
}

export class PluginFile {
  readonly plugin: SoakedPlugin;
  /** Written by the constructor. */
  readonly first: Saved;
  private readonly file: string;
  private readonly unfinished: string;
  private saves = 0;

  /** Makes the plugin's folder in the folder of all plugins. */
  constructor(plugin: SoakedPlugin, folder: string) {
    this.plugin = plugin;
    const own = join(folder, plugin.name);
    mkdirSync(own);
    this.file = join(own, 'index.ts');
    // Hidden files are no part of a plugin.
    this.unfinished = join(own, '.index.ts.unfinished');
    this.first = this.save('good');
  }

  /** The one that the next save makes. */
  get nextVersion(): string {
    return `1.0.${this.saves + 1}`;
  }

  /** Another version; by turns written in place, and written beside and renamed. */
  save(make: Make): Saved {
    const version = this.nextVersion;
    this.saves += 1;
    const text = sourceOf(this.plugin, version, make);
    const at = Date.now();
    if (this.saves % 2 === 1) {
      writeFileSync(this.file, text);
    } else {
      writeFileSync(this.unfinished, text);
      renameSync(this.unfinished, this.file);
    }
    return { version, at };
  }

  /** The same content, with another time. */
  touch(): void {
    const now = new Date();
    utimesSync(this.file, now, now);
  }
}
