/**
 * Three questions, three endpoints.
 *
 *   /livez    is the process's event loop alive?           a restart would help if not
 *   /readyz   would a call be served now?                  traffic should go elsewhere if not
 *   /healthz  what does it look like inside?               for people
 */
import type { AdminAnswer } from './admin-server.ts';
import { json } from './admin-server.ts';

/** What the server knows of itself. */
export interface Health {
  readonly stopping: boolean;
  readonly workers: {
    readonly wanted: number;
    readonly serving: number;
    /** Threads that cannot be ended since native code keeps them, and how many of them are replaced. */
    readonly zombies: number;
    readonly zombieLimit: number;
  };
  readonly plugins: {
    readonly loaded: readonly {
      readonly name: string;
      readonly version: string;
      readonly tools: readonly string[];
    }[];
    /** None of their versions serves. */
    readonly failed: readonly { readonly name: string; readonly reason: string }[];
    /** An earlier version serves, because the one in the folder was refused. */
    readonly refused: readonly { readonly name: string; readonly reason: string }[];
  };
  readonly calls: { readonly waiting: number; readonly inFlight: number };
  readonly uptimeSeconds: number;
}

export function live(): AdminAnswer {
  return json(200, { status: 'alive' });
}

export function ready({ stopping, workers }: Health): AdminAnswer {
  if (stopping) return json(503, { status: 'stopping' });
  if (workers.serving === 0) return json(503, { status: 'no worker is serving' });
  const { zombies, zombieLimit } = workers;
  if (zombies > zombieLimit) {
    return json(503, { status: `${zombies} threads are stuck in native code, more than ${zombieLimit}` });
  }
  return json(200, { status: 'ready' });
}

/** 'degraded': it serves, but somebody should look. */
export function health(state: Health): AdminAnswer {
  const { workers, plugins } = state;
  const whole =
    workers.serving >= workers.wanted && plugins.failed.length === 0 && plugins.refused.length === 0;
  const status = state.stopping
    ? 'stopping'
    : workers.serving === 0
      ? 'down'
      : whole
        ? 'healthy'
        : 'degraded';
  return json(status === 'down' || status === 'stopping' ? 503 : 200, { status, ...state });
}
