/**
 * Branded numbers: a slot index is not a block index although both are integers.
 * A brand exists for the type checker only; at run time it is the number itself.
 */
declare const brand: unique symbol;

export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };

/** Index of a slot in the arena, 0 … slots-1. */
export type SlotIndex = Brand<number, 'SlotIndex'>;
/** Index of a block in the slab, 0 … blocks-1. */
export type BlockIndex = Brand<number, 'BlockIndex'>;
/** Index of a worker's seat, 0 … seats-1. */
export type SeatIndex = Brand<number, 'SeatIndex'>;
/** Index of a front (a producer with its own completion queue), 0 … fronts-1. */
export type FrontIndex = Brand<number, 'FrontIndex'>;
/** Index of a tool in the catalogue all threads share. */
export type ToolId = Brand<number, 'ToolId'>;
/**
 * Number of one version of one plugin in this process, counted from 1; 0 is no version. Never used again, so
 * what is counted under it belongs to that version alone.
 */
export type VersionId = Brand<number, 'VersionId'>;
/** How often a slot has been reused, modulo 2^21. */
export type Generation = Brand<number, 'Generation'>;
/** Microseconds since the arena's epoch, modulo 2^32 as int32; only differences mean something. */
export type Micros = Brand<number, 'Micros'>;
/** Milliseconds since the arena's epoch, int32. */
export type Millis = Brand<number, 'Millis'>;
