/** What workers run: one version of each plugin. */
import type { VersionId } from '../core/brand.ts';
import type { ServedPlugin } from '../wire/catalogue.ts';

/**
 * Immutable; two workers run the same code exactly when they have the same deployment object. A roll takes all
 * workers from one to the next.
 */
export interface Deployment {
  readonly plugins: readonly ServedPlugin[];
}

/** A serving worker that crashed, or was given up. */
export interface LostWorker {
  /** What it ran. */
  readonly deployment: Deployment;
  readonly reason: string;
  /** The plugin whose code ran then; undefined: it cannot be told. */
  readonly culprit: string | undefined;
}

/** The same without these versions; the same object if it has none of them. */
export function without(deployment: Deployment, versions: ReadonlySet<VersionId>): Deployment {
  const plugins = deployment.plugins.filter(({ version }) => !versions.has(version));
  return plugins.length === deployment.plugins.length ? deployment : { plugins };
}
