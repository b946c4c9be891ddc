/**
 * Where a call spends its time, in the order it goes through.
 *
 *   first byte ─read─► whole body ─queue─► claimed ─parse─► ─validate─► ─run─► ─encode─► committed ─send─► sent
 *   └────────── front ──────────┘          └──────────────── worker ───────────────┘ └──── front ────┘
 *
 * `parse` begins with the claim and includes the wait for bytes that found no block; `send` begins with the commit and
 * includes the way back through the completion queue.
 */
export const PHASES = ['read', 'queue', 'parse', 'validate', 'run', 'encode', 'send'] as const;

export type Phase = (typeof PHASES)[number];

/** Microseconds of each phase of one call. */
export type PhaseTimes = Readonly<Record<Phase, number>>;
