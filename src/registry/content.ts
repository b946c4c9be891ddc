/**
 * A plugin as bytes, and the hash by which all speak of exactly these bytes.
 */
import { hash } from 'node:crypto';
import type { Brand } from '../core/brand.ts';

/** SHA-256 of a manifest, 64 hexadecimal digits. Times are not in it: touching a file changes nothing. */
export type ContentHash = Brand<string, 'ContentHash'>;

export interface ContentFile {
  /** Below the plugin, with `/` on every system. */
  readonly path: string;
  /** A plugin may bring a program along. */
  readonly isExecutable: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a manifest says of a file. */
export interface ListedFile {
  readonly path: string;
  readonly isExecutable: boolean;
  /** Hexadecimal, of the bytes. */
  readonly sha256: string;
}

export interface Manifest {
  /** Path of the module to import. */
  readonly entry: string;
  readonly files: readonly ListedFile[];
}

export interface PluginContent {
  readonly name: string;
  readonly hash: ContentHash;
  readonly entry: string;
  readonly files: readonly ContentFile[];
  /** The text that `hash` is the hash of. JSON delimits names itself, so no two trees have the same text. */
  readonly manifest: string;
}

/** `files` in the order of their paths: it is part of the hash. */
export async function contentOf(
  name: string,
  entry: string,
  files: readonly ContentFile[],
): Promise<PluginContent> {
  const listed: ListedFile[] = [];
  for (const { path, isExecutable, bytes } of files)
    listed.push({ path, isExecutable, sha256: await digestOf(bytes) });
  const manifest = JSON.stringify({ entry, files: listed } satisfies Manifest);
  return { name, hash: hashOf(manifest), entry, files, manifest };
}

/** On another thread, since a large file takes long. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

export function hashOf(manifest: string): ContentHash {
  return hash('sha256', manifest) as ContentHash;
}

export function isContentHash<T>(value: T): value is T & ContentHash {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}

/** The manifest that has this hash, or undefined for any other text. */
export function parseManifest(text: string, expected: ContentHash): Manifest | undefined {
  // The text was made by `contentOf` if its hash is right: nothing else needs checking.
  return hashOf(text) === expected ? JSON.parse(text) : undefined;
}
