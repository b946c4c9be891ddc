/** Notices which tools have got new code since it was asked last. */
import type { ToolId, VersionId } from '../core/brand.ts';
import type { Deployment } from '../pool/deployment.ts';
import type { ToolTable } from './tool-table.ts';

export class NewCode {
  private readonly seen = new Map<string, VersionId>();

  /** The tools of plugins whose version is another one than last time. */
  toolsOf({ plugins }: Deployment, { tools }: Pick<ToolTable, 'tools'>): readonly ToolId[] {
    const renewed = new Set(
      plugins.filter(({ name, version }) => this.seen.get(name) !== version).map(({ name }) => name),
    );
    for (const { name, version } of plugins) this.seen.set(name, version);
    return tools.filter(({ plugin }) => renewed.has(plugin)).map(({ id }) => id);
  }
}
