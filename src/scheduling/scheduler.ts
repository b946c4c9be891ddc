/**
 * What a thread's turns on the processor are like, told to Linux with sched_setattr(2). Node has no call for it and older C
 * libraries neither, so it goes through syscall(2). The only importer of koffi.
 */
import { createRequire } from 'node:module';
import { setPriority } from 'node:os';
import type Koffi from 'koffi';

/** Turns of one thread. */
export interface Turns {
  /** 19 … -20: less of the processor than others, or more, while there are others. */
  readonly nice: number;
  /**
   * How long a turn may be, in µs; 0: as usual. Others whose turns are shorter need not wait for its end when they
   * wake up, if they have used less than their share (Linux 6.12 and later; before, it changes nothing).
   */
  readonly sliceUs: number;
}

/** `tid`: the system's number for a thread of this process. False: the system refuses. */
export type Scheduler = (tid: number, turns: Turns) => boolean;

/** The calling thread. */
const SELF = 0;
/** The call's number on the kinds of machine there are binaries for; see the kernel's system call tables. */
const SCHED_SETATTR: Partial<Record<NodeJS.Architecture, number>> = { x64: 314, arm64: 274, riscv64: 274 };
/** The class that threads are in unless told otherwise. */
const SCHED_OTHER = 0;
/** struct sched_attr as first published, and where its fields are; in bytes. */
const ATTR = { size: 48, policy: 4, nice: 16, runtime: 24 } as const;

let found: Scheduler | undefined;

/** Undefined: not Linux, where a nice value belongs to the whole process. */
export function findScheduler(): Scheduler | undefined {
  if (process.platform !== 'linux') return undefined;
  found ??= systemCall() ?? niceValuesOnly;
  return found;
}

/** Undefined: a kind of machine that koffi does not know, it is not installed, or the process is in a class of its own. */
function systemCall(): Scheduler | undefined {
  const number = SCHED_SETATTR[process.arch];
  if (number === undefined) return undefined;
  try {
    // Not imported: it is optional, and a server that reloads nothing does without.
    const koffi: typeof Koffi = createRequire(import.meta.url)('koffi');
    // The process itself: it has the C library loaded.
    const self = koffi.load(null);
    if (self.func('int sched_getscheduler(int tid)')(SELF) !== SCHED_OTHER) return undefined;
    const syscall = self.func('long syscall(long number, int tid, const void *attr, unsigned int flags)');
    return (tid, { nice, sliceUs }) => {
      const attr = Buffer.alloc(ATTR.size);
      attr.writeUInt32LE(ATTR.size);
      attr.writeUInt32LE(SCHED_OTHER, ATTR.policy);
      attr.writeInt32LE(nice, ATTR.nice);
      attr.writeBigUInt64LE(BigInt(sliceUs) * 1000n, ATTR.runtime);
      return Number(syscall(number, tid, attr, 0)) === 0;
    };
  } catch {
    return undefined;
  }
}

/** On Linux setpriority(2) takes the number of a thread too ("C library/kernel differences"). */
function niceValuesOnly(tid: number, { nice }: Turns): boolean {
  try {
    setPriority(tid, nice);
    return true;
  } catch {
    return false;
  }
}
