/** One version of one plugin in this process: its number, its copy on disk, its state. */
import type { VersionId } from '../core/brand.ts';
import { type State, type Transition, VersionState } from '../lifecycle/version-state.ts';
import type { KeptVersion } from '../registry/version-store.ts';
import type { PluginManifest } from '../wire/catalogue.ts';

/** Shown while a version's own name is not known: before it has been loaded for the first time. */
const UNNAMED = '?';

export interface VersionOptions {
  readonly id: VersionId;
  readonly kept: KeptVersion;
  readonly onTransition: (transition: Transition) => void;
  /** What a subscriber of the state threw. */
  readonly onListenerError: (error: unknown) => void;
}

export class Version {
  readonly id: VersionId;
  readonly kept: KeptVersion;
  /** Known once it has been loaded. */
  manifest: PluginManifest | undefined;
  /** ISO time of the last change of state. */
  since = new Date().toISOString();
  private readonly life: VersionState;

  constructor({ id, kept, onTransition, onListenerError }: VersionOptions) {
    this.id = id;
    this.kept = kept;
    const name = (): string => this.manifest?.version ?? UNNAMED;
    const identity = {
      plugin: kept.plugin,
      hash: kept.hash,
      get version() {
        return name();
      },
    };
    this.life = new VersionState(identity, onListenerError);
    this.life.subscribe((transition) => {
      this.since = new Date().toISOString();
      onTransition(transition);
    });
  }

  get state(): State {
    return this.life.state;
  }

  /** Throws IllegalTransition. */
  become(state: State, cause: string): void {
    this.life.transitionTo(state, cause);
  }

  /** Its workers have gone. */
  unloaded(cause: string): void {
    this.life.unload(cause);
    this.life.transitionTo('UNLOADED', cause);
  }
}
