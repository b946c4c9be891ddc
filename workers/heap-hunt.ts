/** Who allocates what stays: samples allocations for a while and asks which of them are still alive. */
import { type HeapProfiler, Session } from 'node:inspector';
import type { LeakSites, Site } from './leak-sites.ts';

/** Bytes between two samples on average. */
const SAMPLING_INTERVAL = 16_384;

/** By plugin and place. */
export type LiveBytes = ReadonlyMap<string, { readonly site: Site; readonly bytes: number }>;

export class HeapHunt {
  private readonly sites: LeakSites;
  private readonly session = new Session();

  constructor(sites: LeakSites) {
    this.sites = sites;
    this.session.connect();
    this.session.post('HeapProfiler.startSampling', { samplingInterval: SAMPLING_INTERVAL });
  }

  /** What was allocated since the begin and is alive, by place. The engine makes a full collection for it. */
  live(): LiveBytes {
    const found = new Map<string, { readonly site: Site; bytes: number }>();
    // On its own thread a session answers before `post` returns.
    this.session.post('HeapProfiler.getSamplingProfile', (error, answer) => {
      if (error === null) this.addUp(answer.profile.head, found);
    });
    return found;
  }

  end(): void {
    this.session.post('HeapProfiler.stopSampling');
    this.session.disconnect();
  }

  private addUp(
    head: HeapProfiler.SamplingHeapProfileNode,
    found: Map<string, { readonly site: Site; bytes: number }>,
  ): void {
    const nodes: { node: HeapProfiler.SamplingHeapProfileNode; site: Site | undefined }[] = [
      { node: head, site: undefined },
    ];
    for (let next = nodes.pop(); next !== undefined; next = nodes.pop()) {
      const { node } = next;
      const { url, functionName, lineNumber } = node.callFrame;
      // What foreign code allocates counts for the plugin's function that called it.
      const own = this.sites.at(url, functionName, lineNumber + 1);
      // Nor does a callback without a name tell anybody anything.
      const isNameless = functionName === '' && own?.plugin === next.site?.plugin;
      const site = own === undefined || isNameless ? (next.site ?? own) : own;
      if (site !== undefined && node.selfSize > 0) {
        const key = `${site.plugin} ${site.where}`;
        const sum = found.get(key) ?? { site, bytes: 0 };
        sum.bytes += node.selfSize;
        found.set(key, sum);
      }
      nodes.push(...node.children.map((child) => ({ node: child, site })));
    }
  }
}
