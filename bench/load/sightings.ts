/** When each version of the called plugin was seen to answer. */

export interface Sighting {
  /** Arrival of its first and of its last answer, by `machineMs`. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly answers: number;
}

const versionHeader = /\r\nx-plugin-version: *([^\r]+)/i;

/** What an answer says of the version that gave it: `1.0.7@3f2a91c0bb12`; undefined: nothing. */
export function versionIn(head: string): string | undefined {
  return versionHeader.exec(head)?.[1];
}

export class Sightings {
  private readonly versions = new Map<string, { firstMs: number; lastMs: number; answers: number }>();

  see(version: string, atMs: number): void {
    const known = this.versions.get(version);
    if (known === undefined) {
      this.versions.set(version, { firstMs: atMs, lastMs: atMs, answers: 1 });
    } else {
      known.lastMs = atMs;
      known.answers += 1;
    }
  }

  /** By version. */
  toRecord(): Readonly<Record<string, Sighting>> {
    return Object.fromEntries(this.versions);
  }
}
