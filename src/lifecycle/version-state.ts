/**
 * The life of one version of one plugin. Who may do what is one table; everything else is refused.
 *
 *   REGISTERED ─▶ LOADING ─▶ ACTIVE ──▶ UNLOADING ─▶ UNLOADED
 *                  ▲    │      │         ▲
 *                  │    ▼      ▼         │
 *                  └─ INACTIVE ──────────┘
 */
export type State = 'REGISTERED' | 'LOADING' | 'ACTIVE' | 'INACTIVE' | 'UNLOADING' | 'UNLOADED';

/** From each state, where a version may go. */
export const MOVES: Readonly<Record<State, readonly State[]>> = {
  /** Known, with a copy of its own; nothing of it has run. */
  REGISTERED: ['LOADING'],
  /** Being checked and brought up in the workers. */
  LOADING: ['ACTIVE', 'INACTIVE'],
  /** Serves calls. */
  ACTIVE: ['INACTIVE', 'UNLOADING'],
  /** Gets no new calls, may come back: refused, replaced or switched off. */
  INACTIVE: ['LOADING', 'UNLOADING'],
  /** Its last calls end, its threads go. */
  UNLOADING: ['UNLOADED'],
  /** Nothing of it runs, and nothing of it will. */
  UNLOADED: [],
};

export interface VersionIdentity {
  readonly plugin: string;
  /** What the plugin's author calls it. */
  readonly version: string;
  /** Of the content; what tells two versions of the same name apart. */
  readonly hash: string;
}

/** One move, made. */
export interface Transition extends VersionIdentity {
  readonly from: State;
  readonly to: State;
  /** Why, in words for the operator. */
  readonly cause: string;
}

/** A move the table does not have. The version stays where it is. */
export class IllegalTransition extends Error implements Transition {
  readonly plugin: string;
  readonly version: string;
  readonly hash: string;
  readonly from: State;
  readonly to: State;
  override readonly cause: string;

  constructor({ plugin, version, hash, from, to, cause }: Transition) {
    super(`${plugin} ${version} cannot go from ${from} to ${to} (${cause})`);
    this.name = 'IllegalTransition';
    this.plugin = plugin;
    this.version = version;
    this.hash = hash;
    this.from = from;
    this.to = to;
    this.cause = cause;
  }
}

export type TransitionListener = (transition: Transition) => void;

export class VersionState {
  readonly identity: VersionIdentity;
  private current: State = 'REGISTERED';
  private readonly listeners = new Set<TransitionListener>();
  private readonly onListenerError: (error: unknown) => void;
  private readonly untold: Transition[] = [];

  /** `onListenerError` gets what subscribers throw; nobody else notices. */
  constructor(identity: VersionIdentity, onListenerError: (error: unknown) => void) {
    this.identity = identity;
    this.onListenerError = onListenerError;
  }

  get state(): State {
    return this.current;
  }

  /** The listener gets every later transition, in order. Returns what ends that. */
  subscribe(listener: TransitionListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The only way to change the state. Throws IllegalTransition. */
  transitionTo(to: State, cause: string): void {
    const transition: Transition = { ...this.identity, from: this.current, to, cause };
    if (!MOVES[this.current].includes(to)) throw new IllegalTransition(transition);
    this.current = to;
    this.untold.push(transition);
    // A listener moved it on: all hear of the first move before any hears of the second.
    if (this.untold.length > 1) return;
    for (let next = this.untold[0]; next !== undefined; next = this.untold[0]) {
      this.tell(next);
      this.untold.shift();
    }
  }

  /** Begins the end: first out of service, then UNLOADING. UNLOADED is for whoever has seen its threads go. */
  unload(cause: string): void {
    if (this.current === 'ACTIVE') this.transitionTo('INACTIVE', cause);
    this.transitionTo('UNLOADING', cause);
  }

  private tell(transition: Transition): void {
    for (const listener of this.listeners) {
      try {
        listener(transition);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }
}
