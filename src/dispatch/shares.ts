/** What plugins and their tools have of the server now; the rules about it are those of bulkheads.ts. */
import type { ToolId } from '../core/brand.ts';
import { type SlotLinks, SlotList } from './slot-lists.ts';
import { ToolLoad } from './tool-load.ts';

/** What one plugin has of the server now. */
export interface Share {
  inFlight: number;
  waiting: number;
  lastCall: number;
  lastShortCall: number;
  isActive: boolean;
  maxInFlight: number;
  maxWaiting: number;
}

/** The calls of one tool. */
export interface Line {
  readonly tool: ToolId;
  share: Share;
  readonly load: ToolLoad;
  readonly waiting: SlotList;
  inFlight: number;
  /** Threads these keep busy, if they are long. */
  threads: number;
  /** When a call last left the workers, or when the first came after there had been none. */
  lastLeft: number;
}

/** Nothing yet, and no limits of its own. */
export function newShare(): Share {
  return {
    inFlight: 0,
    waiting: 0,
    lastCall: Number.NEGATIVE_INFINITY,
    lastShortCall: Number.NEGATIVE_INFINITY,
    isActive: false,
    maxInFlight: Number.POSITIVE_INFINITY,
    maxWaiting: Number.POSITIVE_INFINITY,
  };
}

export function newLine(tool: ToolId, share: Share, links: SlotLinks): Line {
  return {
    tool,
    share,
    load: new ToolLoad(),
    waiting: new SlotList(links),
    inFlight: 0,
    threads: 0,
    lastLeft: Number.NEGATIVE_INFINITY,
  };
}
