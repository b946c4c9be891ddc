/** A suspicion has come up: for a while, who makes more of it is recorded, which would cost too much all the time. */
import { createHook } from 'node:async_hooks';
import type { LeakSites, Site } from './leak-sites.ts';

/** The line that made most of what is left, and how much. */
export interface Find {
  readonly site: Site;
  readonly amount: number;
}

export interface Hunt {
  /** Ends it; undefined: no plugin made any. */
  end(): Find | undefined;
}

/** Most records of one hunt: each takes a stack. */
const MOST_RECORDS = 2_000;

/** Timers, sockets and other resources that keep the thread busy, and are still there. */
export function huntResources(sites: LeakSites): Hunt {
  const living = new Map<number, Site>();
  let records = 0;
  const hook = createHook({
    init(id, type) {
      if (NOT_HUNTED.has(type) || ++records > MOST_RECORDS) return;
      const site = sites.current();
      if (site !== undefined) living.set(id, site);
    },
    destroy(id) {
      living.delete(id);
    },
  }).enable();
  return {
    end() {
      hook.disable();
      return most(living.values());
    },
  };
}

/** What every call makes and what ends by itself. */
const NOT_HUNTED = new Set(['PROMISE', 'TickObject', 'Immediate', 'Microtask', 'AsyncResource']);

/** Listeners that are added to `process`, which lives as long as the thread. */
export function huntListeners(sites: LeakSites): Hunt {
  const added: Site[] = [];
  const onNew = (): void => {
    const site = added.length < MOST_RECORDS ? sites.current() : undefined;
    if (site !== undefined) added.push(site);
  };
  process.on('newListener', onNew);
  return {
    end() {
      process.off('newListener', onNew);
      return most(added);
    },
  };
}

function most(found: Iterable<Site>): Find | undefined {
  const groups = Map.groupBy(found, ({ plugin, where }) => `${plugin} ${where}`);
  const [largest = []] = [...groups.values()].toSorted((a, b) => b.length - a.length);
  const [site] = largest;
  return site && { site, amount: largest.length };
}
