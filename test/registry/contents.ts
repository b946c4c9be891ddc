/**
 * Contents made up for the tests of the store.
 */
import { type ContentHash, contentOf, hashOf, type PluginContent } from '../../src/registry/content.ts';

function file(path: string, text: string): PluginContent['files'][number] {
  return { path, isExecutable: false, bytes: new TextEncoder().encode(text) };
}

/** A plugin with an entry of this text and a file in a folder. */
export function contentWith(text: string, name = 'p'): Promise<PluginContent> {
  return contentOf(name, 'index.ts', [file('index.ts', text), file('lib/helper.ts', `of ${text}`)]);
}

export const UNKNOWN_HASH: ContentHash = hashOf('nothing');
