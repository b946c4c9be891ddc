/** Who allocates what stays: samples allocations for a while and asks which of them are still alive. */
import { type HeapProfiler, Session } from 'node:inspector';
import type { Find } from './leak-hunt.ts';
import type { LeakSites, Site } from './leak-sites.ts';

/** Bytes between two samples on average. */
const SAMPLING_INTERVAL = 16_384;

export class HeapHunt {
  private readonly sites: LeakSites;
  private readonly session = new Session();

  constructor(sites: LeakSites) {
    this.sites = sites;
    this.session.connect();
    this.session.post('HeapProfiler.startSampling', { samplingInterval: SAMPLING_INTERVAL });
  }

  /** Best right after a full collection: what is garbage already would count as alive. Ends the hunt. */
  end(): Find | undefined {
    let found: Find | undefined;
    // On its own thread a session answers before `post` returns.
    this.session.post('HeapProfiler.stopSampling', (error, answer) => {
      if (error === null) found = this.largest(answer.profile.head);
    });
    this.session.disconnect();
    return found;
  }

  private largest(head: HeapProfiler.SamplingHeapProfileNode): Find | undefined {
    const bytes = new Map<string, { readonly site: Site; amount: number }>();
    const nodes: { node: HeapProfiler.SamplingHeapProfileNode; site: Site | undefined }[] = [
      { node: head, site: undefined },
    ];
    for (let next = nodes.pop(); next !== undefined; next = nodes.pop()) {
      const { node } = next;
      const { url, functionName, lineNumber } = node.callFrame;
      // What foreign code allocates counts for the plugin's function that called it.
      const site = this.sites.at(url, functionName, lineNumber + 1) ?? next.site;
      if (site !== undefined && node.selfSize > 0) {
        const key = `${site.plugin} ${site.where}`;
        const sum = bytes.get(key) ?? { site, amount: 0 };
        sum.amount += node.selfSize;
        bytes.set(key, sum);
      }
      nodes.push(...node.children.map((child) => ({ node: child, site })));
    }
    return [...bytes.values()].toSorted((a, b) => b.amount - a.amount)[0];
  }
}
