/**
 * What each version of a plugin has answered, so that a new one can be judged by its first calls. Belongs to
 * one front; a plain array, because versions are numbered from 1 without gaps.
 */
import type { VersionId } from '../core/brand.ts';
import { outcomeOf } from '../wire/outcome.ts';

/** Since the version came into service. */
export interface VersionCount {
  /** Calls its code, or its schemas, have answered. */
  readonly calls: number;
  /** Those that failed by the plugin's fault: it threw, or its answer broke its own schema. */
  readonly faults: number;
}

const FAULTS: ReadonlySet<number> = new Set([outcomeOf('PLUGIN_FAULT'), outcomeOf('BAD_OUTPUT')]);

export class VersionCounts {
  private readonly calls: number[] = [0];
  private readonly faults: number[] = [0];

  count(version: VersionId, outcome: number): void {
    this.calls[version] = (this.calls[version] ?? 0) + 1;
    if (FAULTS.has(outcome)) this.faults[version] = (this.faults[version] ?? 0) + 1;
  }

  of(version: VersionId): VersionCount {
    return { calls: this.calls[version] ?? 0, faults: this.faults[version] ?? 0 };
  }
}
