/** Numbers every version of every plugin this process has seen, and knows by what name each is shown. */
import type { VersionId } from '../core/brand.ts';

/** Digits of the content hash that people are shown. */
const SHOWN_DIGITS = 12;

export class VersionNumbers {
  /** By VersionId; 0 is no version. */
  private readonly names: (string | undefined)[] = [undefined];

  /** A new number. */
  next(): VersionId {
    return (this.names.push(undefined) - 1) as VersionId;
  }

  /** Until then the version has no name. `hash` undefined: the plugin is served as it lies in its folder. */
  name(id: VersionId, version: string, hash: string | undefined): void {
    this.names[id] = hash === undefined ? version : `${version}@${shortHash(hash)}`;
  }

  /** As in `X-Plugin-Version`: `1.4.0@3f2a91c0bb12`. */
  nameOf(id: VersionId): string | undefined {
    return this.names[id];
  }
}

/** What people are shown of a content hash, and may give back. */
export function shortHash(hash: string): string {
  return hash.slice(0, SHOWN_DIGITS);
}
