/**
 * What operators can see of the loaded plugins and do to them. Plain data, so that the admin port can speak it
 * as JSON and the command line can read it there.
 */

/** What was wrong with a version that is not served. */
export interface Problem {
  /** Which check found it: `import`, `schema`, `init`, `example`, `roll`, … */
  readonly step: string;
  /** A sentence for the plugin's author. */
  readonly reason: string;
  /** Relative to the plugin's folder. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  /** The lines around it, with a caret. */
  readonly frame?: string | undefined;
}

/** A version that did not come into service. */
export interface RejectedVersion {
  readonly hash: string;
  /** ISO time. */
  readonly since: string;
  readonly problem: Problem;
}

/** A tool whose calls are refused for now because most of them failed. */
export interface BrokenCircuit {
  readonly tool: string;
  /** `half-open`: one call is let through to see. */
  readonly state: 'open' | 'half-open';
  /** Until one call is let through. */
  readonly retryInMs: number;
}

/** One plugin as it stands. */
export interface PluginView {
  readonly name: string;
  /** Of the version that serves, or served last. `FAILED`: none ever did. */
  readonly state: 'REGISTERED' | 'LOADING' | 'ACTIVE' | 'INACTIVE' | 'UNLOADING' | 'UNLOADED' | 'FAILED';
  /** Undefined when no version was ever loaded. */
  readonly version: string | undefined;
  /** Content hash, in full; undefined where the folder is served as it is (`hotReload` off). */
  readonly hash: string | undefined;
  /** ISO time of the last change of state. */
  readonly since: string;
  /** Calls answered by this version, and how many of them were the plugin's fault. */
  readonly calls: number;
  readonly errors: number;
  readonly tools: readonly string[];
  /** Of its tools, those whose circuit is not closed. */
  readonly circuits: readonly BrokenCircuit[];
  /** True after a rollback: the folder's present content is not served until it changes. */
  readonly pinned: boolean;
  /** The latest content of the folder, where it was rejected. */
  readonly rejected: RejectedVersion | undefined;
}

/** One kept version of a plugin. */
export interface VersionView {
  readonly hash: string;
  /** The plugin's own version; undefined when it never loaded. */
  readonly version: string | undefined;
  /** ISO time at which it was first kept. */
  readonly keptAt: string;
  /** It has passed the probe and been in service. */
  readonly good: boolean;
  readonly active: boolean;
}

/** What became of one plugin in an action. */
export interface PluginChange {
  readonly plugin: string;
  /** Full content hashes; undefined: none before, none after. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** How an action ended. It is over when this is known. */
export type ActionReport =
  /** Every worker runs the new code. */
  | { readonly outcome: 'rolled'; readonly changes: readonly PluginChange[]; readonly ms: number }
  /** Done without touching a worker. */
  | { readonly outcome: 'done'; readonly changes: readonly PluginChange[]; readonly ms: number }
  /** There is nothing new: what the folder holds already runs, or was rolled back from. */
  | { readonly outcome: 'unchanged'; readonly ms: number }
  /** No worker was touched: the candidates are unfit. */
  | {
      readonly outcome: 'rejected';
      readonly problems: readonly (Problem & { plugin: string })[];
      readonly ms: number;
    }
  /** A replacement failed; all workers run the old code again. */
  | { readonly outcome: 'rolled-back'; readonly reason: string; readonly ms: number }
  /** The request itself cannot be met: no such plugin or version, not allowed in this state. */
  | { readonly outcome: 'refused'; readonly reason: string };

/** The actions. Each resolves when it is over, never rejects for what a plugin did. */
export interface ReloadControl {
  plugins(): readonly PluginView[];
  /** Newest first; undefined: no such plugin. */
  versions(plugin: string): Promise<readonly VersionView[] | undefined>;
  /** Looks at the disk now and rolls what has changed; of one plugin only, where it is named. */
  reload(plugin?: string): Promise<ActionReport>;
  /** Back to the last good version before the present one, or to the version whose hash begins with `hash`. */
  rollback(plugin: string, hash?: string): Promise<ActionReport>;
  activate(plugin: string): Promise<ActionReport>;
  /** Calls to it are answered 503 from now on; its code stays loaded. */
  deactivate(plugin: string): Promise<ActionReport>;
  /** Rolls the workers onto code without it. */
  unload(plugin: string): Promise<ActionReport>;
}

/** The request itself cannot be met. */
export function refused(reason: string): ActionReport {
  return { outcome: 'refused', reason };
}
